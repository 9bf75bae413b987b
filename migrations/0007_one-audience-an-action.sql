-- Every action has one audience, kept in its row, instead of a row for each reader; its creator and its assignees read it
-- besides. Lists then read indexes that begin with the audience, and visibility changes write no rows of readers. What an
-- audience can see is counted by kind of action, and each plan knows the kinds of its actions. docs/triggers.md describes
-- the triggers, docs/decisions/one-audience.md the reasons.

DROP TRIGGER readers_after_action_insert;
--> statement-breakpoint
DROP TRIGGER readers_after_action_update;
--> statement-breakpoint
DROP TRIGGER readers_after_assignee_insert;
--> statement-breakpoint
DROP TRIGGER readers_after_assignee_delete;
--> statement-breakpoint
DROP TRIGGER readers_after_plan_update;
--> statement-breakpoint
DROP TRIGGER totals_after_reader_insert;
--> statement-breakpoint
DROP TRIGGER totals_after_reader_delete;
--> statement-breakpoint
DROP TRIGGER tree_revisions_after_plan_update;
--> statement-breakpoint
DROP VIEW entitled_readers;
--> statement-breakpoint
DROP TABLE action_readers;
--> statement-breakpoint
DROP INDEX focus_items_by_type;
--> statement-breakpoint
DROP INDEX assignees_by_user;
--> statement-breakpoint
DROP INDEX actions_by_plan_status;
--> statement-breakpoint
DROP INDEX actions_by_status;
--> statement-breakpoint
DROP INDEX actions_by_type;
--> statement-breakpoint
DROP INDEX actions_by_expiry;
--> statement-breakpoint
DROP INDEX plans_newest_by_audience;
--> statement-breakpoint
ALTER TABLE action_focus_items DROP COLUMN company_id;
--> statement-breakpoint
ALTER TABLE readable_totals RENAME COLUMN actions TO personal_actions;
--> statement-breakpoint
ALTER TABLE plans ADD COLUMN facets integer NOT NULL DEFAULT 0;
--> statement-breakpoint
-- The defaults serve the rows that exist; a trigger refuses new rows with them.
ALTER TABLE actions ADD COLUMN audience text NOT NULL DEFAULT '';
--> statement-breakpoint
ALTER TABLE actions ADD COLUMN focus_bits integer NOT NULL DEFAULT 1;
--> statement-breakpoint
ALTER TABLE actions ADD COLUMN facets integer GENERATED ALWAYS AS (
  focus_bits << (4 * (action_type = 'COMPANY') + 8 * CASE status
    WHEN 'NOT_STARTED' THEN 0 WHEN 'IN_PROGRESS' THEN 1 WHEN 'COMPLETED' THEN 2 WHEN 'CANCELLED' THEN 3 ELSE 4 END)
) VIRTUAL;
--> statement-breakpoint
ALTER TABLE action_assignees ADD COLUMN is_creator integer NOT NULL DEFAULT 0;
--> statement-breakpoint
ALTER TABLE action_assignees ADD COLUMN created_at integer NOT NULL DEFAULT 0;
--> statement-breakpoint
CREATE TABLE audience_counts (
  company_id text NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
  audience text NOT NULL,
  action_type text NOT NULL,
  focus_bits integer NOT NULL,
  not_started integer DEFAULT 0 NOT NULL,
  in_progress integer DEFAULT 0 NOT NULL,
  completed integer DEFAULT 0 NOT NULL,
  cancelled integer DEFAULT 0 NOT NULL,
  expired integer DEFAULT 0 NOT NULL,
  PRIMARY KEY (company_id, audience, action_type, focus_bits)
) WITHOUT ROWID;
--> statement-breakpoint
-- The audience of an action. This view and `audienceOf` in src/access/store.ts are the only SQL that states the rule: it
-- is that of the plan if the action is PUBLIC, or if the plan has one reader, who created the action; else nobody ('').
CREATE VIEW audiences AS
  SELECT a.id AS action_id, a.plan_id AS plan_id,
      CASE WHEN coalesce(a.visibility, p.visibility) = 'PUBLIC' OR p.audience = a.created_by
        THEN p.audience ELSE '' END AS audience
    FROM actions a JOIN plans p ON p.id = a.plan_id;
--> statement-breakpoint
-- Who reads an action as its creator or assignee only, being none of its audience.
CREATE VIEW personal_readers AS
  SELECT a.id AS action_id, a.plan_id AS plan_id, a.company_id AS company_id, a.created_by AS reader
    FROM actions a WHERE NOT (a.audience = '*' OR a.audience = a.created_by)
  UNION ALL
  SELECT a.id, a.plan_id, a.company_id, s.user_id
    FROM actions a JOIN action_assignees s ON s.action_id = a.id
    WHERE a.audience <> '*' AND s.user_id <> a.audience AND s.user_id IS NOT a.created_by;
--> statement-breakpoint
-- All sets of focus bits that an action can have: none of the types (1), or some of SCORE (2), HI (4) and ENPS (8).
CREATE VIEW focus_sets (bits) AS VALUES (1), (2), (4), (6), (8), (10), (12), (14);
--> statement-breakpoint
UPDATE actions SET focus_bits = max(1, (SELECT total(DISTINCT CASE focus_type WHEN 'SCORE' THEN 2 WHEN 'HI' THEN 4 ELSE 8 END)
  FROM action_focus_items f WHERE f.action_id = actions.id));
--> statement-breakpoint
UPDATE actions SET audience = (SELECT p.audience FROM audiences p WHERE p.action_id = actions.id);
--> statement-breakpoint
UPDATE action_assignees SET (is_creator, created_at) =
  (SELECT a.created_by IS action_assignees.user_id, a.created_at FROM actions a WHERE a.id = action_assignees.action_id);
--> statement-breakpoint
UPDATE plans SET facets = (SELECT coalesce(sum(facet), 0) FROM (
    SELECT DISTINCT (a.focus_bits & b.bit) * (a.facets / a.focus_bits) AS facet
      FROM actions a CROSS JOIN (SELECT 1 AS bit UNION ALL SELECT 2 UNION ALL SELECT 4 UNION ALL SELECT 8) b
      WHERE a.plan_id = plans.id AND a.audience <> '' AND a.focus_bits & b.bit));
--> statement-breakpoint
INSERT INTO audience_counts (company_id, audience, action_type, focus_bits, not_started, in_progress, completed, cancelled, expired)
  SELECT company_id, audience, action_type, focus_bits, sum(status = 'NOT_STARTED'), sum(status = 'IN_PROGRESS'), sum(status = 'COMPLETED'), sum(status = 'CANCELLED'), sum(status = 'EXPIRED')
    FROM actions WHERE true GROUP BY company_id, audience, action_type, focus_bits;
--> statement-breakpoint
UPDATE readable_totals SET personal_actions = 0;
--> statement-breakpoint
INSERT INTO readable_totals (company_id, reader, personal_actions)
  SELECT company_id, reader, count(*) FROM personal_readers WHERE true GROUP BY company_id, reader
  ON CONFLICT (company_id, reader) DO UPDATE SET personal_actions = personal_actions + excluded.personal_actions;
--> statement-breakpoint
CREATE INDEX assignees_by_user ON action_assignees (user_id, is_creator, created_at, action_id);
--> statement-breakpoint
CREATE INDEX actions_by_plan_status ON actions (plan_id, status, action_type, focus_bits, audience);
--> statement-breakpoint
CREATE INDEX actions_newest
  ON actions (company_id, audience, created_at, id, plan_id, action_type, focus_bits, title_folded, description_folded) WHERE audience <> '';
--> statement-breakpoint
CREATE INDEX actions_by_status
  ON actions (company_id, audience, status, created_at, id, action_type, focus_bits, expires_at) WHERE audience <> '';
--> statement-breakpoint
CREATE INDEX actions_by_facets ON actions (company_id, action_type, focus_bits, created_at, id);
--> statement-breakpoint
CREATE INDEX actions_by_due_date
  ON actions (company_id, audience, status, due_date, created_at, id, plan_id, action_type, focus_bits, expires_at) WHERE audience <> '' AND due_date IS NOT NULL;
--> statement-breakpoint
CREATE INDEX actions_by_expiry ON actions (expires_at, id) WHERE expires_at IS NOT NULL;
--> statement-breakpoint
CREATE INDEX actions_of_another_audience
  ON actions (created_by, created_at, id) WHERE audience <> '*' AND audience <> created_by;
--> statement-breakpoint
CREATE INDEX plans_newest_by_audience ON plans (company_id, audience, created_at, id, facets);
--> statement-breakpoint
CREATE TRIGGER audience_checked_after_action_insert AFTER INSERT ON actions
  WHEN NEW.audience <> (SELECT p.audience FROM audiences p WHERE p.action_id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'The audience of the action does not follow from its plan');
END;
--> statement-breakpoint
CREATE TRIGGER audience_checked_after_action_update AFTER UPDATE OF plan_id, visibility, created_by ON actions
  WHEN NEW.audience <> (SELECT p.audience FROM audiences p WHERE p.action_id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'The audience of the action does not follow from its plan');
END;
--> statement-breakpoint
CREATE TRIGGER creator_checked_after_assignee_insert AFTER INSERT ON action_assignees
  WHEN NOT EXISTS (SELECT 1 FROM actions a WHERE a.id = NEW.action_id
    AND a.created_at = NEW.created_at AND (a.created_by IS NEW.user_id) = NEW.is_creator) BEGIN
  SELECT RAISE(ABORT, 'The assignee does not have the creator and the time of the action');
END;
--> statement-breakpoint
CREATE TRIGGER creator_marks_after_action_update AFTER UPDATE OF created_by ON actions
  WHEN OLD.created_by IS NOT NEW.created_by BEGIN
  UPDATE action_assignees SET is_creator = (user_id IS NEW.created_by)
    WHERE action_id = NEW.id AND is_creator <> (user_id IS NEW.created_by);
END;
--> statement-breakpoint
CREATE TRIGGER audience_counts_after_action_insert AFTER INSERT ON actions BEGIN
  INSERT INTO audience_counts (company_id, audience, action_type, focus_bits, not_started, in_progress, completed, cancelled, expired)
    VALUES (NEW.company_id, NEW.audience, NEW.action_type, NEW.focus_bits, NEW.status = 'NOT_STARTED', NEW.status = 'IN_PROGRESS', NEW.status = 'COMPLETED', NEW.status = 'CANCELLED', NEW.status = 'EXPIRED')
    ON CONFLICT (company_id, audience, action_type, focus_bits) DO UPDATE SET not_started = not_started + excluded.not_started, in_progress = in_progress + excluded.in_progress, completed = completed + excluded.completed, cancelled = cancelled + excluded.cancelled, expired = expired + excluded.expired;
END;
--> statement-breakpoint
CREATE TRIGGER audience_counts_after_status_update AFTER UPDATE OF status ON actions
  WHEN OLD.status IS NOT NEW.status AND OLD.audience IS NEW.audience AND OLD.action_type IS NEW.action_type
      AND OLD.focus_bits IS NEW.focus_bits BEGIN
  UPDATE audience_counts SET not_started = not_started + (NEW.status = 'NOT_STARTED') - (OLD.status = 'NOT_STARTED'), in_progress = in_progress + (NEW.status = 'IN_PROGRESS') - (OLD.status = 'IN_PROGRESS'), completed = completed + (NEW.status = 'COMPLETED') - (OLD.status = 'COMPLETED'), cancelled = cancelled + (NEW.status = 'CANCELLED') - (OLD.status = 'CANCELLED'), expired = expired + (NEW.status = 'EXPIRED') - (OLD.status = 'EXPIRED')
    WHERE company_id = NEW.company_id AND audience = NEW.audience AND action_type = NEW.action_type
      AND focus_bits = NEW.focus_bits;
END;
--> statement-breakpoint
-- An audience that changes with its plan alone is counted by actions_after_plan_update.
CREATE TRIGGER audience_counts_after_action_update
  AFTER UPDATE OF plan_id, visibility, created_by, action_type, focus_bits ON actions
  WHEN NOT (OLD.audience IS NEW.audience AND OLD.action_type IS NEW.action_type
      AND OLD.focus_bits IS NEW.focus_bits) BEGIN
  UPDATE audience_counts SET not_started = not_started - (OLD.status = 'NOT_STARTED'), in_progress = in_progress - (OLD.status = 'IN_PROGRESS'), completed = completed - (OLD.status = 'COMPLETED'), cancelled = cancelled - (OLD.status = 'CANCELLED'), expired = expired - (OLD.status = 'EXPIRED')
    WHERE company_id = OLD.company_id AND audience = OLD.audience AND action_type = OLD.action_type
      AND focus_bits = OLD.focus_bits;
  INSERT INTO audience_counts (company_id, audience, action_type, focus_bits, not_started, in_progress, completed, cancelled, expired)
    VALUES (NEW.company_id, NEW.audience, NEW.action_type, NEW.focus_bits, NEW.status = 'NOT_STARTED', NEW.status = 'IN_PROGRESS', NEW.status = 'COMPLETED', NEW.status = 'CANCELLED', NEW.status = 'EXPIRED')
    ON CONFLICT (company_id, audience, action_type, focus_bits) DO UPDATE SET not_started = not_started + excluded.not_started, in_progress = in_progress + excluded.in_progress, completed = completed + excluded.completed, cancelled = cancelled + excluded.cancelled, expired = expired + excluded.expired;
END;
--> statement-breakpoint
CREATE TRIGGER audience_counts_after_action_delete AFTER DELETE ON actions
  WHEN EXISTS (SELECT 1 FROM plans WHERE id = OLD.plan_id) BEGIN
  UPDATE audience_counts SET not_started = not_started - (OLD.status = 'NOT_STARTED'), in_progress = in_progress - (OLD.status = 'IN_PROGRESS'), completed = completed - (OLD.status = 'COMPLETED'), cancelled = cancelled - (OLD.status = 'CANCELLED'), expired = expired - (OLD.status = 'EXPIRED')
    WHERE company_id = OLD.company_id AND audience = OLD.audience AND action_type = OLD.action_type
      AND focus_bits = OLD.focus_bits;
END;
--> statement-breakpoint
CREATE TRIGGER personal_after_action_insert AFTER INSERT ON actions
  WHEN NEW.audience <> '*' AND NEW.audience <> NEW.created_by BEGIN
  INSERT INTO readable_totals (company_id, reader, personal_actions) VALUES (NEW.company_id, NEW.created_by, 1)
    ON CONFLICT (company_id, reader) DO UPDATE SET personal_actions = personal_actions + excluded.personal_actions;
END;
--> statement-breakpoint
CREATE TRIGGER personal_before_action_update BEFORE UPDATE OF plan_id, visibility, created_by ON actions
  WHEN OLD.audience IS NOT NEW.audience OR OLD.created_by IS NOT NEW.created_by BEGIN
  UPDATE readable_totals SET personal_actions = personal_actions - 1 WHERE company_id = OLD.company_id
    AND reader IN (SELECT reader FROM personal_readers WHERE action_id = OLD.id);
END;
--> statement-breakpoint
CREATE TRIGGER personal_after_action_update AFTER UPDATE OF plan_id, visibility, created_by ON actions
  WHEN OLD.audience IS NOT NEW.audience OR OLD.created_by IS NOT NEW.created_by BEGIN
  INSERT INTO readable_totals (company_id, reader, personal_actions)
    SELECT company_id, reader, 1 FROM personal_readers WHERE action_id = NEW.id
    ON CONFLICT (company_id, reader) DO UPDATE SET personal_actions = personal_actions + excluded.personal_actions;
END;
--> statement-breakpoint
-- Runs before the cascade deletes the assignees.
CREATE TRIGGER personal_before_action_delete BEFORE DELETE ON actions
  WHEN OLD.audience <> '*' AND EXISTS (SELECT 1 FROM plans WHERE id = OLD.plan_id) BEGIN
  UPDATE readable_totals SET personal_actions = personal_actions - 1 WHERE company_id = OLD.company_id
    AND reader IN (SELECT reader FROM personal_readers WHERE action_id = OLD.id);
END;
--> statement-breakpoint
CREATE TRIGGER personal_after_assignee_insert AFTER INSERT ON action_assignees WHEN NOT NEW.is_creator BEGIN
  INSERT INTO readable_totals (company_id, reader, personal_actions)
    SELECT company_id, NEW.user_id, 1 FROM actions
      WHERE id = NEW.action_id AND audience NOT IN ('*', NEW.user_id)
    ON CONFLICT (company_id, reader) DO UPDATE SET personal_actions = personal_actions + excluded.personal_actions;
END;
--> statement-breakpoint
CREATE TRIGGER personal_after_assignee_delete AFTER DELETE ON action_assignees WHEN NOT OLD.is_creator BEGIN
  UPDATE readable_totals SET personal_actions = personal_actions - 1 WHERE reader = OLD.user_id
    AND company_id = (SELECT company_id FROM actions WHERE id = OLD.action_id AND audience NOT IN ('*', OLD.user_id));
END;
--> statement-breakpoint
CREATE TRIGGER plan_facets_after_action_insert AFTER INSERT ON actions WHEN NEW.audience <> '' BEGIN
  UPDATE plans SET facets = facets | NEW.facets WHERE id = NEW.plan_id AND facets & NEW.facets <> NEW.facets;
END;
--> statement-breakpoint
-- The bits of one status and type are looked up anew: one search for each set of focus types. The row is written only
-- if they change.
CREATE TRIGGER plan_facets_after_action_delete AFTER DELETE ON actions WHEN OLD.audience <> '' BEGIN
  UPDATE plans SET facets = (facets & ~(15 * (OLD.facets / OLD.focus_bits))) | (held.bits * (OLD.facets / OLD.focus_bits))
    FROM (SELECT coalesce(max(bits & 1) | max(bits & 2) | max(bits & 4) | max(bits & 8), 0) AS bits
      FROM focus_sets s WHERE EXISTS (SELECT 1 FROM actions WHERE plan_id = OLD.plan_id AND status = OLD.status
        AND action_type = OLD.action_type AND focus_bits = s.bits
        AND audience > '')) AS held
    WHERE id = OLD.plan_id AND facets & (15 * (OLD.facets / OLD.focus_bits)) <> held.bits * (OLD.facets / OLD.focus_bits);
END;
--> statement-breakpoint
CREATE TRIGGER plan_facets_after_action_update
  AFTER UPDATE OF status, action_type, focus_bits, visibility, created_by ON actions
  WHEN OLD.plan_id IS NEW.plan_id AND (OLD.facets IS NOT NEW.facets OR OLD.audience IS NOT NEW.audience) BEGIN
  UPDATE plans SET facets = (facets & ~(15 * (OLD.facets / OLD.focus_bits))) | (held.bits * (OLD.facets / OLD.focus_bits)) | iif(NEW.audience <> '', NEW.facets, 0)
    FROM (SELECT coalesce(max(bits & 1) | max(bits & 2) | max(bits & 4) | max(bits & 8), 0) AS bits
      FROM focus_sets s WHERE EXISTS (SELECT 1 FROM actions WHERE plan_id = OLD.plan_id AND status = OLD.status
        AND action_type = OLD.action_type AND focus_bits = s.bits
        AND audience > '')) AS held
    WHERE id = NEW.plan_id AND facets <> (facets & ~(15 * (OLD.facets / OLD.focus_bits))) | (held.bits * (OLD.facets / OLD.focus_bits)) | iif(NEW.audience <> '', NEW.facets, 0);
END;
--> statement-breakpoint
CREATE TRIGGER plan_facets_after_action_move AFTER UPDATE OF plan_id ON actions WHEN OLD.plan_id IS NOT NEW.plan_id BEGIN
  UPDATE plans SET facets = (facets & ~(15 * (OLD.facets / OLD.focus_bits))) | (held.bits * (OLD.facets / OLD.focus_bits))
    FROM (SELECT coalesce(max(bits & 1) | max(bits & 2) | max(bits & 4) | max(bits & 8), 0) AS bits
      FROM focus_sets s WHERE EXISTS (SELECT 1 FROM actions WHERE plan_id = OLD.plan_id AND status = OLD.status
        AND action_type = OLD.action_type AND focus_bits = s.bits
        AND audience > '')) AS held
    WHERE id = OLD.plan_id AND facets & (15 * (OLD.facets / OLD.focus_bits)) <> held.bits * (OLD.facets / OLD.focus_bits);
  UPDATE plans SET facets = facets | iif(NEW.audience <> '', NEW.facets, 0) WHERE id = NEW.plan_id AND facets | iif(NEW.audience <> '', NEW.facets, 0) <> facets;
END;
--> statement-breakpoint
-- The same for a plan that is deleted. When the cascade deletes its actions, the plan is gone already, by which their own
-- triggers know that all is settled.
CREATE TRIGGER actions_before_plan_delete BEFORE DELETE ON plans WHEN OLD.action_count > 0 BEGIN
  UPDATE audience_counts SET not_started = audience_counts.not_started - n.not_started, in_progress = audience_counts.in_progress - n.in_progress, completed = audience_counts.completed - n.completed, cancelled = audience_counts.cancelled - n.cancelled, expired = audience_counts.expired - n.expired
    FROM (SELECT company_id, audience, action_type, focus_bits, sum(status = 'NOT_STARTED') AS not_started, sum(status = 'IN_PROGRESS') AS in_progress, sum(status = 'COMPLETED') AS completed, sum(status = 'CANCELLED') AS cancelled, sum(status = 'EXPIRED') AS expired
      FROM actions WHERE plan_id = OLD.id GROUP BY company_id, audience, action_type, focus_bits) AS n
    WHERE audience_counts.company_id = n.company_id AND audience_counts.audience = n.audience
      AND audience_counts.action_type = n.action_type AND audience_counts.focus_bits = n.focus_bits;
  UPDATE readable_totals SET personal_actions = personal_actions - n.actions
    FROM (SELECT company_id, reader, count(*) AS actions FROM personal_readers WHERE plan_id = OLD.id
      GROUP BY company_id, reader) AS n
    WHERE readable_totals.company_id = n.company_id AND readable_totals.reader = n.reader;
END;
--> statement-breakpoint
-- One statement for each thing that is kept, since a trigger for each action would write a count for each. An action that
-- follows the visibility of its plan always changes its audience with it.
CREATE TRIGGER actions_after_plan_update AFTER UPDATE OF visibility, created_by ON plans
  WHEN NEW.action_count > 0 AND (OLD.visibility IS NOT NEW.visibility OR OLD.created_by IS NOT NEW.created_by) BEGIN
  UPDATE audience_counts SET not_started = audience_counts.not_started - n.not_started, in_progress = audience_counts.in_progress - n.in_progress, completed = audience_counts.completed - n.completed, cancelled = audience_counts.cancelled - n.cancelled, expired = audience_counts.expired - n.expired
    FROM (SELECT company_id, audience, action_type, focus_bits, sum(status = 'NOT_STARTED') AS not_started, sum(status = 'IN_PROGRESS') AS in_progress, sum(status = 'COMPLETED') AS completed, sum(status = 'CANCELLED') AS cancelled, sum(status = 'EXPIRED') AS expired
      FROM actions WHERE plan_id = NEW.id GROUP BY company_id, audience, action_type, focus_bits) AS n
    WHERE audience_counts.company_id = n.company_id AND audience_counts.audience = n.audience
      AND audience_counts.action_type = n.action_type AND audience_counts.focus_bits = n.focus_bits;
  UPDATE readable_totals SET personal_actions = personal_actions - n.actions
    FROM (SELECT company_id, reader, count(*) AS actions FROM personal_readers WHERE plan_id = NEW.id
      GROUP BY company_id, reader) AS n
    WHERE readable_totals.company_id = n.company_id AND readable_totals.reader = n.reader;
  UPDATE actions SET audience = (SELECT p.audience FROM audiences p WHERE p.action_id = actions.id),
      tree_revision = tree_revision + (visibility IS NULL AND OLD.visibility IS NOT NEW.visibility)
    WHERE plan_id = NEW.id AND audience <> (SELECT p.audience FROM audiences p WHERE p.action_id = actions.id);
  INSERT INTO audience_counts (company_id, audience, action_type, focus_bits, not_started, in_progress, completed, cancelled, expired)
    SELECT company_id, audience, action_type, focus_bits, sum(status = 'NOT_STARTED'), sum(status = 'IN_PROGRESS'), sum(status = 'COMPLETED'), sum(status = 'CANCELLED'), sum(status = 'EXPIRED')
      FROM actions WHERE plan_id = NEW.id GROUP BY company_id, audience, action_type, focus_bits
    ON CONFLICT (company_id, audience, action_type, focus_bits) DO UPDATE SET not_started = not_started + excluded.not_started, in_progress = in_progress + excluded.in_progress, completed = completed + excluded.completed, cancelled = cancelled + excluded.cancelled, expired = expired + excluded.expired;
  INSERT INTO readable_totals (company_id, reader, personal_actions)
    SELECT company_id, reader, count(*) FROM personal_readers WHERE plan_id = NEW.id GROUP BY company_id, reader
    ON CONFLICT (company_id, reader) DO UPDATE SET personal_actions = personal_actions + excluded.personal_actions;
  UPDATE plans SET facets = (SELECT coalesce(sum(facet), 0) FROM (
    SELECT DISTINCT (a.focus_bits & b.bit) * (a.facets / a.focus_bits) AS facet
      FROM actions a CROSS JOIN (SELECT 1 AS bit UNION ALL SELECT 2 UNION ALL SELECT 4 UNION ALL SELECT 8) b
      WHERE a.plan_id = NEW.id AND a.audience <> '' AND a.focus_bits & b.bit))
    WHERE id = NEW.id;
END;
--> statement-breakpoint
-- For searches of texts: the trigrams of each action's folded title and description, by the rowid of the action. The table
-- keeps no texts of its own; what it finds is compared with the row.
CREATE VIRTUAL TABLE action_texts USING fts5 (
  title, description, content = '', contentless_delete = 1, detail = 'none', tokenize = 'trigram case_sensitive 1'
);
--> statement-breakpoint
INSERT INTO action_texts (rowid, title, description) SELECT rowid, title_folded, description_folded FROM actions;
--> statement-breakpoint
CREATE TRIGGER texts_after_action_insert AFTER INSERT ON actions BEGIN
  INSERT INTO action_texts (rowid, title, description) VALUES (NEW.rowid, NEW.title_folded, NEW.description_folded);
END;
--> statement-breakpoint
CREATE TRIGGER texts_after_action_update AFTER UPDATE OF title_folded, description_folded ON actions BEGIN
  UPDATE action_texts SET title = NEW.title_folded, description = NEW.description_folded WHERE rowid = NEW.rowid;
END;
--> statement-breakpoint
CREATE TRIGGER texts_after_action_delete AFTER DELETE ON actions BEGIN
  DELETE FROM action_texts WHERE rowid = OLD.rowid;
END;
