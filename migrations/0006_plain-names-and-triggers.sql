-- Clearer names. Tables that are read by their key alone become WITHOUT ROWID, which writes one row less each time.
-- Records of kept answers become small. All triggers are created anew (docs/triggers.md describes them). No table
-- refers to a table that is rebuilt here, so dropping the old table deletes no other rows.

DROP TRIGGER action_readers_deleted;
--> statement-breakpoint
DROP TRIGGER action_readers_inserted;
--> statement-breakpoint
DROP TRIGGER actions_changed;
--> statement-breakpoint
DROP TRIGGER actions_deleted;
--> statement-breakpoint
DROP TRIGGER actions_inserted;
--> statement-breakpoint
DROP TRIGGER actions_moved;
--> statement-breakpoint
DROP TRIGGER actions_readership;
--> statement-breakpoint
DROP TRIGGER assignees_deleted;
--> statement-breakpoint
DROP TRIGGER assignees_inserted;
--> statement-breakpoint
DROP TRIGGER exports_removed;
--> statement-breakpoint
DROP TRIGGER exports_stored;
--> statement-breakpoint
DROP TRIGGER exports_stored_more;
--> statement-breakpoint
DROP TRIGGER hierarchies_deleted;
--> statement-breakpoint
DROP TRIGGER hierarchies_inserted;
--> statement-breakpoint
DROP TRIGGER hierarchies_lightened;
--> statement-breakpoint
DROP TRIGGER hierarchies_moved;
--> statement-breakpoint
DROP TRIGGER hierarchies_removed;
--> statement-breakpoint
DROP TRIGGER hierarchies_stored;
--> statement-breakpoint
DROP TRIGGER hierarchies_stored_more;
--> statement-breakpoint
DROP TRIGGER idempotency_records_removed;
--> statement-breakpoint
DROP TRIGGER idempotency_records_stored;
--> statement-breakpoint
DROP TRIGGER notes_deleted;
--> statement-breakpoint
DROP TRIGGER notes_inserted;
--> statement-breakpoint
DROP TRIGGER plans_deleted;
--> statement-breakpoint
DROP TRIGGER plans_inserted;
--> statement-breakpoint
DROP TRIGGER plans_readership;
--> statement-breakpoint
DROP TRIGGER plans_removed;
--> statement-breakpoint
DROP TRIGGER plans_stored;
--> statement-breakpoint
DROP TRIGGER plans_stored_more;
--> statement-breakpoint
DROP TRIGGER targets_deleted;
--> statement-breakpoint
DROP TRIGGER users_removed;
--> statement-breakpoint
DROP TRIGGER users_shown;
--> statement-breakpoint
DROP TRIGGER users_stored;
--> statement-breakpoint
DROP TRIGGER users_stored_more;
--> statement-breakpoint
DROP VIEW wanted_readers;
--> statement-breakpoint
ALTER TABLE actions RENAME COLUMN revision TO tree_revision;
--> statement-breakpoint
ALTER TABLE actions RENAME COLUMN version TO row_version;
--> statement-breakpoint
ALTER TABLE plans DROP COLUMN revision;
--> statement-breakpoint
ALTER TABLE plans RENAME COLUMN version TO row_version;
--> statement-breakpoint
ALTER TABLE companies RENAME COLUMN area_count TO hierarchy_count;
--> statement-breakpoint
ALTER TABLE companies RENAME COLUMN area_bytes TO hierarchy_bytes;
--> statement-breakpoint
ALTER TABLE export_areas RENAME COLUMN area_id TO hierarchy_id;
--> statement-breakpoint
ALTER TABLE export_areas RENAME TO export_hierarchies;
--> statement-breakpoint
CREATE TABLE action_assignees_rebuilt (
  action_id text NOT NULL REFERENCES actions (id) ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES users (id),
  position integer NOT NULL,
  status text NOT NULL,
  started_at integer,
  finished_at integer,
  PRIMARY KEY (action_id, user_id)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO action_assignees_rebuilt SELECT * FROM action_assignees;
--> statement-breakpoint
DROP TABLE action_assignees;
--> statement-breakpoint
ALTER TABLE action_assignees_rebuilt RENAME TO action_assignees;
--> statement-breakpoint
CREATE INDEX assignees_by_user ON action_assignees (user_id, action_id);
--> statement-breakpoint
CREATE TABLE action_focus_items_rebuilt (
  action_id text NOT NULL REFERENCES actions (id) ON DELETE CASCADE,
  position integer NOT NULL,
  company_id text NOT NULL,
  focus_type text NOT NULL,
  focus_id text,
  PRIMARY KEY (action_id, position)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO action_focus_items_rebuilt SELECT * FROM action_focus_items;
--> statement-breakpoint
DROP TABLE action_focus_items;
--> statement-breakpoint
ALTER TABLE action_focus_items_rebuilt RENAME TO action_focus_items;
--> statement-breakpoint
CREATE INDEX focus_items_by_type ON action_focus_items (company_id, focus_type, action_id);
--> statement-breakpoint
CREATE TABLE action_hierarchies_rebuilt (
  action_id text NOT NULL REFERENCES actions (id) ON DELETE CASCADE,
  hierarchy_id text NOT NULL REFERENCES hierarchies (id) ON DELETE CASCADE,
  position integer NOT NULL,
  PRIMARY KEY (action_id, hierarchy_id)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO action_hierarchies_rebuilt SELECT * FROM action_hierarchies;
--> statement-breakpoint
DROP TABLE action_hierarchies;
--> statement-breakpoint
ALTER TABLE action_hierarchies_rebuilt RENAME TO action_hierarchies;
--> statement-breakpoint
CREATE INDEX action_hierarchies_by_hierarchy ON action_hierarchies (hierarchy_id, action_id);
--> statement-breakpoint
CREATE TABLE action_readers_rebuilt (
  action_id text NOT NULL REFERENCES actions (id) ON DELETE CASCADE,
  reader text NOT NULL,
  company_id text NOT NULL,
  created_at integer NOT NULL,
  PRIMARY KEY (action_id, reader)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO action_readers_rebuilt SELECT * FROM action_readers;
--> statement-breakpoint
DROP TABLE action_readers;
--> statement-breakpoint
ALTER TABLE action_readers_rebuilt RENAME TO action_readers;
--> statement-breakpoint
CREATE INDEX action_readers_newest ON action_readers (company_id, reader, created_at, action_id);
--> statement-breakpoint
CREATE TABLE readable_totals_rebuilt (
  company_id text NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
  reader text NOT NULL,
  plans integer DEFAULT 0 NOT NULL,
  actions integer DEFAULT 0 NOT NULL,
  PRIMARY KEY (company_id, reader)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO readable_totals_rebuilt SELECT * FROM readable_totals;
--> statement-breakpoint
DROP TABLE readable_totals;
--> statement-breakpoint
ALTER TABLE readable_totals_rebuilt RENAME TO readable_totals;
--> statement-breakpoint
-- The stored answers are deleted, because they hold whole bodies. Their bytes are taken off the sum of their company.
UPDATE companies SET stored_bytes = stored_bytes - (
  SELECT total(500 + coalesce(length(CAST(r.body AS BLOB)), 0))
    FROM idempotency_records r JOIN users u ON u.id = r.user_id WHERE u.company_id = companies.id);
--> statement-breakpoint
DROP TABLE idempotency_records;
--> statement-breakpoint
CREATE TABLE idempotency_records (
  id text PRIMARY KEY NOT NULL,
  company_id text NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
  body_hash text NOT NULL,
  facts text NOT NULL,
  created_at integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX idempotency_records_by_age ON idempotency_records (created_at);
--> statement-breakpoint
CREATE TABLE sweep_cursors (
  name text PRIMARY KEY NOT NULL,
  position text NOT NULL
);
--> statement-breakpoint
-- The readers of an action. This view is the only SQL that states the rule:
--   '*'                    if its effective visibility is PUBLIC and every company manager may read its plan
--   otherwise, a row each  for its creator, its assignees, and the plan's creator if the action is PUBLIC
CREATE VIEW entitled_readers AS
  SELECT a.id AS action_id, a.plan_id AS plan_id, '*' AS reader, a.company_id AS company_id, a.created_at AS created_at
    FROM actions a JOIN plans p ON p.id = a.plan_id
    WHERE coalesce(a.visibility, p.visibility) = 'PUBLIC' AND p.audience = '*'
  UNION ALL
  SELECT a.id, a.plan_id, a.created_by, a.company_id, a.created_at
    FROM actions a JOIN plans p ON p.id = a.plan_id
    WHERE a.created_by IS NOT NULL AND NOT (coalesce(a.visibility, p.visibility) = 'PUBLIC' AND p.audience = '*')
  UNION ALL
  SELECT a.id, a.plan_id, s.user_id, a.company_id, a.created_at
    FROM actions a JOIN plans p ON p.id = a.plan_id JOIN action_assignees s ON s.action_id = a.id
    WHERE NOT (coalesce(a.visibility, p.visibility) = 'PUBLIC' AND p.audience = '*')
  UNION ALL
  SELECT a.id, a.plan_id, p.created_by, a.company_id, a.created_at
    FROM actions a JOIN plans p ON p.id = a.plan_id
    WHERE coalesce(a.visibility, p.visibility) = 'PUBLIC' AND p.audience <> '*';
--> statement-breakpoint
CREATE TRIGGER readers_after_action_insert AFTER INSERT ON actions BEGIN
  INSERT INTO action_readers (action_id, reader, company_id, created_at)
    SELECT action_id, reader, company_id, created_at FROM entitled_readers WHERE action_id = NEW.id
    ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER readers_after_action_update AFTER UPDATE OF plan_id, visibility, created_by ON actions
  WHEN OLD.plan_id IS NOT NEW.plan_id OR OLD.visibility IS NOT NEW.visibility OR OLD.created_by IS NOT NEW.created_by BEGIN
  DELETE FROM action_readers WHERE action_id = NEW.id
    AND reader NOT IN (SELECT reader FROM entitled_readers WHERE action_id = NEW.id);
  INSERT INTO action_readers (action_id, reader, company_id, created_at)
    SELECT action_id, reader, company_id, created_at FROM entitled_readers WHERE action_id = NEW.id
    ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER readers_after_assignee_insert AFTER INSERT ON action_assignees BEGIN
  INSERT INTO action_readers (action_id, reader, company_id, created_at)
    SELECT action_id, reader, company_id, created_at FROM entitled_readers WHERE action_id = NEW.action_id AND reader = NEW.user_id
    ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER readers_after_assignee_delete AFTER DELETE ON action_assignees BEGIN
  DELETE FROM action_readers WHERE action_id = OLD.action_id AND reader = OLD.user_id
    AND reader NOT IN (SELECT reader FROM entitled_readers WHERE action_id = OLD.action_id);
END;
--> statement-breakpoint
CREATE TRIGGER readers_after_plan_update AFTER UPDATE OF visibility, created_by ON plans
  WHEN OLD.visibility IS NOT NEW.visibility OR OLD.created_by IS NOT NEW.created_by BEGIN
  DELETE FROM action_readers WHERE action_id IN (SELECT id FROM actions WHERE plan_id = NEW.id)
    AND reader NOT IN (SELECT e.reader FROM entitled_readers e WHERE e.action_id = action_readers.action_id);
  INSERT INTO action_readers (action_id, reader, company_id, created_at)
    SELECT action_id, reader, company_id, created_at FROM entitled_readers WHERE plan_id = NEW.id
    ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER totals_after_reader_insert AFTER INSERT ON action_readers BEGIN
  INSERT INTO readable_totals (company_id, reader, actions) VALUES (NEW.company_id, NEW.reader, 1)
    ON CONFLICT (company_id, reader) DO UPDATE SET actions = actions + 1;
END;
--> statement-breakpoint
CREATE TRIGGER totals_after_reader_delete AFTER DELETE ON action_readers BEGIN
  UPDATE readable_totals SET actions = actions - 1 WHERE company_id = OLD.company_id AND reader = OLD.reader;
END;
--> statement-breakpoint
CREATE TRIGGER totals_after_plan_insert AFTER INSERT ON plans BEGIN
  INSERT INTO readable_totals (company_id, reader, plans) VALUES (NEW.company_id, NEW.audience, 1)
    ON CONFLICT (company_id, reader) DO UPDATE SET plans = plans + 1;
END;
--> statement-breakpoint
CREATE TRIGGER totals_after_plan_update AFTER UPDATE OF visibility, created_by ON plans
  WHEN OLD.audience IS NOT NEW.audience BEGIN
  UPDATE readable_totals SET plans = plans - 1 WHERE company_id = OLD.company_id AND reader = OLD.audience;
  INSERT INTO readable_totals (company_id, reader, plans) VALUES (NEW.company_id, NEW.audience, 1)
    ON CONFLICT (company_id, reader) DO UPDATE SET plans = plans + 1;
END;
--> statement-breakpoint
CREATE TRIGGER totals_after_plan_delete AFTER DELETE ON plans BEGIN
  UPDATE readable_totals SET plans = plans - 1 WHERE company_id = OLD.company_id AND reader = OLD.audience;
END;
--> statement-breakpoint
CREATE TRIGGER plan_sums_after_action_insert AFTER INSERT ON actions BEGIN
  UPDATE plans SET action_count = action_count + 1, content_bytes = content_bytes + NEW.content_bytes
    WHERE id = NEW.plan_id;
END;
--> statement-breakpoint
CREATE TRIGGER plan_sums_after_action_delete AFTER DELETE ON actions BEGIN
  UPDATE plans SET action_count = action_count - 1, content_bytes = content_bytes - OLD.content_bytes,
    note_count = note_count - OLD.note_count, note_bytes = note_bytes - OLD.note_bytes WHERE id = OLD.plan_id;
END;
--> statement-breakpoint
CREATE TRIGGER plan_sums_after_action_move AFTER UPDATE OF plan_id ON actions WHEN OLD.plan_id IS NOT NEW.plan_id BEGIN
  UPDATE plans SET action_count = action_count - 1, content_bytes = content_bytes - OLD.content_bytes,
    note_count = note_count - OLD.note_count, note_bytes = note_bytes - OLD.note_bytes WHERE id = OLD.plan_id;
  UPDATE plans SET action_count = action_count + 1, content_bytes = content_bytes + NEW.content_bytes,
    note_count = note_count + NEW.note_count, note_bytes = note_bytes + NEW.note_bytes WHERE id = NEW.plan_id;
END;
--> statement-breakpoint
CREATE TRIGGER plan_sums_after_action_update AFTER UPDATE OF content_bytes, note_count, note_bytes ON actions
  WHEN OLD.plan_id IS NEW.plan_id AND (OLD.content_bytes IS NOT NEW.content_bytes
    OR OLD.note_count IS NOT NEW.note_count OR OLD.note_bytes IS NOT NEW.note_bytes) BEGIN
  UPDATE plans SET content_bytes = content_bytes + NEW.content_bytes - OLD.content_bytes,
    note_count = note_count + NEW.note_count - OLD.note_count,
    note_bytes = note_bytes + NEW.note_bytes - OLD.note_bytes WHERE id = NEW.plan_id;
END;
--> statement-breakpoint
CREATE TRIGGER note_sums_after_note_insert AFTER INSERT ON notes BEGIN
  UPDATE actions SET tree_revision = tree_revision + 1, note_count = note_count + 1,
    note_bytes = note_bytes + length(CAST(json_quote(NEW.text) AS BLOB)) - 2 WHERE id = NEW.action_id;
END;
--> statement-breakpoint
CREATE TRIGGER note_sums_after_note_delete AFTER DELETE ON notes BEGIN
  UPDATE actions SET tree_revision = tree_revision + 1, note_count = note_count - 1,
    note_bytes = note_bytes - length(CAST(json_quote(OLD.text) AS BLOB)) + 2 WHERE id = OLD.action_id;
END;
--> statement-breakpoint
CREATE TRIGGER tree_revisions_after_plan_update AFTER UPDATE OF visibility ON plans WHEN OLD.visibility IS NOT NEW.visibility BEGIN
  UPDATE actions SET tree_revision = tree_revision + 1 WHERE plan_id = NEW.id AND visibility IS NULL;
END;
--> statement-breakpoint
CREATE TRIGGER tree_revisions_after_user_update AFTER UPDATE OF name, active ON users
  WHEN OLD.name IS NOT NEW.name OR OLD.active IS NOT NEW.active BEGIN
  UPDATE actions SET tree_revision = tree_revision + 1
    WHERE id IN (SELECT action_id FROM action_assignees WHERE user_id = NEW.id);
END;
--> statement-breakpoint
-- Runs before the cascade deletes the rows of action_hierarchies, because afterwards nothing tells which actions had
-- the hierarchy. The row version rises, so that a write that was decided with the hierarchy is decided again.
CREATE TRIGGER actions_before_hierarchy_delete BEFORE DELETE ON hierarchies BEGIN
  UPDATE actions SET content_bytes = content_bytes - 60, row_version = row_version + 1, tree_revision = tree_revision + 1
    WHERE id IN (SELECT action_id FROM action_hierarchies WHERE hierarchy_id = OLD.id);
END;
--> statement-breakpoint
CREATE TRIGGER parent_revision_after_hierarchy_insert AFTER INSERT ON hierarchies WHEN NEW.parent_id IS NOT NULL BEGIN
  UPDATE hierarchies SET revision = revision + 1 WHERE id = NEW.parent_id;
END;
--> statement-breakpoint
CREATE TRIGGER parent_revisions_after_hierarchy_move AFTER UPDATE OF parent_id ON hierarchies WHEN OLD.parent_id IS NOT NEW.parent_id BEGIN
  UPDATE hierarchies SET revision = revision + 1 WHERE id IN (OLD.parent_id, NEW.parent_id);
END;
--> statement-breakpoint
CREATE TRIGGER parent_revision_after_hierarchy_delete AFTER DELETE ON hierarchies WHEN OLD.parent_id IS NOT NULL BEGIN
  UPDATE hierarchies SET revision = revision + 1 WHERE id = OLD.parent_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_plan_insert AFTER INSERT ON plans BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + NEW.stored_bytes WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_plan_update AFTER UPDATE OF content_bytes, note_bytes, action_count, note_count ON plans
  WHEN OLD.stored_bytes IS NOT NEW.stored_bytes BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + NEW.stored_bytes - OLD.stored_bytes WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_plan_delete AFTER DELETE ON plans BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - OLD.stored_bytes WHERE id = OLD.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_user_insert AFTER INSERT ON users BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 + length(CAST(NEW.email AS BLOB))
    + length(CAST(NEW.name AS BLOB)) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_user_update AFTER UPDATE OF email, name ON users
  WHEN OLD.email IS NOT NEW.email OR OLD.name IS NOT NEW.name BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + length(CAST(NEW.email AS BLOB)) + length(CAST(NEW.name AS BLOB))
    - length(CAST(OLD.email AS BLOB)) - length(CAST(OLD.name AS BLOB)) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_user_delete AFTER DELETE ON users BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 - length(CAST(OLD.email AS BLOB))
    - length(CAST(OLD.name AS BLOB)) WHERE id = OLD.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_hierarchy_insert AFTER INSERT ON hierarchies BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 + length(CAST(NEW.name AS BLOB)),
    hierarchy_count = hierarchy_count + 1,
    hierarchy_bytes = hierarchy_bytes + 120 + length(CAST(json_quote(NEW.name) AS BLOB)) - 2 WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_hierarchy_update AFTER UPDATE OF name ON hierarchies WHEN OLD.name IS NOT NEW.name BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + length(CAST(NEW.name AS BLOB)) - length(CAST(OLD.name AS BLOB)),
    hierarchy_bytes = hierarchy_bytes + length(CAST(json_quote(NEW.name) AS BLOB))
      - length(CAST(json_quote(OLD.name) AS BLOB)) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_hierarchy_delete AFTER DELETE ON hierarchies BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 - length(CAST(OLD.name AS BLOB)),
    hierarchy_count = hierarchy_count - 1,
    hierarchy_bytes = hierarchy_bytes - 120 - length(CAST(json_quote(OLD.name) AS BLOB)) + 2 WHERE id = OLD.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_export_insert AFTER INSERT ON exports BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 + length(CAST(NEW.plan_title AS BLOB))
    WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_export_update AFTER UPDATE OF frozen ON exports WHEN OLD.frozen IS NOT NEW.frozen BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + coalesce(length(CAST(NEW.frozen AS BLOB)), 0)
    - coalesce(length(CAST(OLD.frozen AS BLOB)), 0) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_export_delete AFTER DELETE ON exports BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 - length(CAST(OLD.plan_title AS BLOB))
    - coalesce(length(CAST(OLD.frozen AS BLOB)), 0) WHERE id = OLD.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_kept_answer_insert AFTER INSERT ON idempotency_records BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 150 + length(CAST(NEW.facts AS BLOB))
    WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_kept_answer_delete AFTER DELETE ON idempotency_records BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 150 - length(CAST(OLD.facts AS BLOB))
    WHERE id = OLD.company_id;
END;
