-- What is kept rather than counted: readers of actions, totals per audience, revisions, note counts.
-- Kept by triggers, so that no write path can forget it, cascades included.

-- Who may read an action, the rule in one place:
--   '*'                    its effective visibility is PUBLIC and every manager may read its plan
--   otherwise, one by one  its creator, its assignees, and the plan's creator if it is PUBLIC
CREATE VIEW wanted_readers AS
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
CREATE TRIGGER actions_inserted AFTER INSERT ON actions BEGIN
  UPDATE plans SET action_count = action_count + 1, revision = revision + 1,
    content_bytes = content_bytes + 700 + length(CAST(NEW.title AS BLOB)) + length(CAST(NEW.description AS BLOB))
    WHERE id = NEW.plan_id;
  INSERT INTO action_readers (action_id, reader, company_id, created_at)
    SELECT action_id, reader, company_id, created_at FROM wanted_readers WHERE action_id = NEW.id
    ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER actions_deleted AFTER DELETE ON actions BEGIN
  UPDATE plans SET action_count = action_count - 1, revision = revision + 1,
    content_bytes = content_bytes - 700 - length(CAST(OLD.title AS BLOB)) - length(CAST(OLD.description AS BLOB))
    WHERE id = OLD.plan_id;
END;
--> statement-breakpoint
CREATE TRIGGER actions_moved AFTER UPDATE OF plan_id, title, description ON actions BEGIN
  UPDATE plans SET action_count = action_count - 1, revision = revision + 1,
    content_bytes = content_bytes - 700 - length(CAST(OLD.title AS BLOB)) - length(CAST(OLD.description AS BLOB))
    WHERE id = OLD.plan_id;
  UPDATE plans SET action_count = action_count + 1, revision = revision + 1,
    content_bytes = content_bytes + 700 + length(CAST(NEW.title AS BLOB)) + length(CAST(NEW.description AS BLOB))
    WHERE id = NEW.plan_id;
END;
--> statement-breakpoint
CREATE TRIGGER actions_revised AFTER UPDATE OF revision ON actions BEGIN
  UPDATE plans SET revision = revision + 1 WHERE id = NEW.plan_id;
END;
--> statement-breakpoint
CREATE TRIGGER actions_readership AFTER UPDATE OF plan_id, visibility, created_by ON actions
  WHEN OLD.plan_id IS NOT NEW.plan_id OR OLD.visibility IS NOT NEW.visibility OR OLD.created_by IS NOT NEW.created_by
BEGIN
  DELETE FROM action_readers WHERE action_id = NEW.id
    AND reader NOT IN (SELECT reader FROM wanted_readers WHERE action_id = NEW.id);
  INSERT INTO action_readers (action_id, reader, company_id, created_at)
    SELECT action_id, reader, company_id, created_at FROM wanted_readers WHERE action_id = NEW.id
    ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER assignees_inserted AFTER INSERT ON action_assignees BEGIN
  INSERT INTO action_readers (action_id, reader, company_id, created_at)
    SELECT action_id, reader, company_id, created_at FROM wanted_readers
    WHERE action_id = NEW.action_id AND reader = NEW.user_id
    ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER assignees_deleted AFTER DELETE ON action_assignees BEGIN
  DELETE FROM action_readers WHERE action_id = OLD.action_id AND reader = OLD.user_id
    AND reader NOT IN (SELECT reader FROM wanted_readers WHERE action_id = OLD.action_id);
END;
--> statement-breakpoint
CREATE TRIGGER action_readers_inserted AFTER INSERT ON action_readers BEGIN
  INSERT INTO readable_totals (company_id, reader, actions) VALUES (NEW.company_id, NEW.reader, 1)
    ON CONFLICT (company_id, reader) DO UPDATE SET actions = actions + 1;
END;
--> statement-breakpoint
CREATE TRIGGER action_readers_deleted AFTER DELETE ON action_readers BEGIN
  UPDATE readable_totals SET actions = actions - 1 WHERE company_id = OLD.company_id AND reader = OLD.reader;
END;
--> statement-breakpoint
CREATE TRIGGER plans_inserted AFTER INSERT ON plans BEGIN
  INSERT INTO readable_totals (company_id, reader, plans) VALUES (NEW.company_id, NEW.audience, 1)
    ON CONFLICT (company_id, reader) DO UPDATE SET plans = plans + 1;
END;
--> statement-breakpoint
CREATE TRIGGER plans_deleted AFTER DELETE ON plans BEGIN
  UPDATE readable_totals SET plans = plans - 1 WHERE company_id = OLD.company_id AND reader = OLD.audience;
END;
--> statement-breakpoint
CREATE TRIGGER plans_readership AFTER UPDATE OF visibility, created_by ON plans
  WHEN OLD.visibility IS NOT NEW.visibility OR OLD.created_by IS NOT NEW.created_by
BEGIN
  UPDATE readable_totals SET plans = plans - 1 WHERE company_id = OLD.company_id AND reader = OLD.audience;
  INSERT INTO readable_totals (company_id, reader, plans) VALUES (NEW.company_id, NEW.audience, 1)
    ON CONFLICT (company_id, reader) DO UPDATE SET plans = plans + 1;
  DELETE FROM action_readers WHERE action_id IN (SELECT id FROM actions WHERE plan_id = NEW.id);
  INSERT INTO action_readers (action_id, reader, company_id, created_at)
    SELECT action_id, reader, company_id, created_at FROM wanted_readers WHERE plan_id = NEW.id
    ON CONFLICT DO NOTHING;
  
  UPDATE actions SET revision = revision + 1 WHERE plan_id = NEW.id AND visibility IS NULL;
END;
--> statement-breakpoint
CREATE TRIGGER notes_inserted AFTER INSERT ON notes BEGIN
  UPDATE actions SET note_count = note_count + 1, revision = revision + 1 WHERE id = NEW.action_id;
END;
--> statement-breakpoint
CREATE TRIGGER notes_deleted AFTER DELETE ON notes BEGIN
  UPDATE actions SET note_count = note_count - 1, revision = revision + 1 WHERE id = OLD.action_id;
END;
--> statement-breakpoint
CREATE TRIGGER targets_deleted AFTER DELETE ON action_hierarchies BEGIN
  UPDATE actions SET revision = revision + 1 WHERE id = OLD.action_id;
END;
--> statement-breakpoint
CREATE TRIGGER users_shown AFTER UPDATE OF name, active ON users
  WHEN OLD.name IS NOT NEW.name OR OLD.active IS NOT NEW.active
BEGIN
  UPDATE actions SET revision = revision + 1
    WHERE id IN (SELECT action_id FROM action_assignees WHERE user_id = NEW.id);
END;
--> statement-breakpoint
CREATE TRIGGER hierarchies_inserted AFTER INSERT ON hierarchies WHEN NEW.parent_id IS NOT NULL BEGIN
  UPDATE hierarchies SET revision = revision + 1 WHERE id = NEW.parent_id;
END;
--> statement-breakpoint
CREATE TRIGGER hierarchies_moved AFTER UPDATE OF parent_id ON hierarchies WHEN OLD.parent_id IS NOT NEW.parent_id BEGIN
  UPDATE hierarchies SET revision = revision + 1 WHERE id IN (OLD.parent_id, NEW.parent_id);
END;
--> statement-breakpoint
CREATE TRIGGER hierarchies_deleted AFTER DELETE ON hierarchies WHEN OLD.parent_id IS NOT NULL BEGIN
  UPDATE hierarchies SET revision = revision + 1 WHERE id = OLD.parent_id;
END;
