-- What plans and companies weigh, for the limits of src/platform/limits.ts. An action's `content_bytes` is written with
-- it (src/actions/weight.ts); everything that sums it up is kept by trigger. The JSON bytes of a text are the length of
-- json_quote less its two quotes.

DROP TRIGGER actions_inserted;
--> statement-breakpoint
DROP TRIGGER actions_deleted;
--> statement-breakpoint
DROP TRIGGER actions_moved;
--> statement-breakpoint
DROP TRIGGER actions_revised;
--> statement-breakpoint
DROP TRIGGER notes_inserted;
--> statement-breakpoint
DROP TRIGGER notes_deleted;
--> statement-breakpoint
UPDATE actions SET
  content_bytes = 550
    + length(CAST(json_quote(title) AS BLOB)) - 2 + length(CAST(json_quote(description) AS BLOB)) - 2
    + 420 * (SELECT count(*) FROM action_assignees WHERE action_id = actions.id)
    + 60 * (SELECT count(*) FROM action_hierarchies WHERE action_id = actions.id)
    + (SELECT total(60 + length(CAST(json_quote(coalesce(focus_id, '')) AS BLOB)) - 2)
        FROM action_focus_items WHERE action_id = actions.id),
  note_bytes = (SELECT total(length(CAST(json_quote(text) AS BLOB)) - 2) FROM notes WHERE action_id = actions.id);
--> statement-breakpoint
UPDATE plans SET
  content_bytes = 350
    + length(CAST(json_quote(title) AS BLOB)) - 2 + length(CAST(json_quote(description) AS BLOB)) - 2
    + (SELECT total(content_bytes) FROM actions WHERE plan_id = plans.id),
  note_count = (SELECT total(note_count) FROM actions WHERE plan_id = plans.id),
  note_bytes = (SELECT total(note_bytes) FROM actions WHERE plan_id = plans.id);
--> statement-breakpoint
UPDATE companies SET
  area_count = (SELECT count(*) FROM hierarchies WHERE company_id = companies.id),
  area_bytes = (SELECT total(120 + length(CAST(json_quote(name) AS BLOB)) - 2)
    FROM hierarchies WHERE company_id = companies.id),
  stored_bytes = (SELECT total(stored_bytes) FROM plans WHERE company_id = companies.id)
    + (SELECT total(500 + length(CAST(email AS BLOB)) + length(CAST(name AS BLOB)))
        FROM users WHERE company_id = companies.id)
    + (SELECT total(500 + length(CAST(name AS BLOB))) FROM hierarchies WHERE company_id = companies.id)
    + (SELECT total(500 + length(CAST(plan_title AS BLOB)) + coalesce(length(CAST(frozen AS BLOB)), 0))
        FROM exports WHERE company_id = companies.id)
    + (SELECT total(500 + coalesce(length(CAST(r.body AS BLOB)), 0))
        FROM idempotency_records r JOIN users u ON u.id = r.user_id WHERE u.company_id = companies.id);
--> statement-breakpoint
CREATE TRIGGER actions_inserted AFTER INSERT ON actions BEGIN
  UPDATE plans SET revision = revision + 1, action_count = action_count + 1,
    content_bytes = content_bytes + NEW.content_bytes WHERE id = NEW.plan_id;
  INSERT INTO action_readers (action_id, reader, company_id, created_at)
    SELECT action_id, reader, company_id, created_at FROM wanted_readers WHERE action_id = NEW.id
    ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER actions_deleted AFTER DELETE ON actions BEGIN
  UPDATE plans SET revision = revision + 1, action_count = action_count - 1,
    content_bytes = content_bytes - OLD.content_bytes,
    note_count = note_count - OLD.note_count, note_bytes = note_bytes - OLD.note_bytes WHERE id = OLD.plan_id;
END;
--> statement-breakpoint
CREATE TRIGGER actions_moved AFTER UPDATE OF plan_id ON actions WHEN OLD.plan_id IS NOT NEW.plan_id BEGIN
  UPDATE plans SET revision = revision + 1, action_count = action_count - 1,
    content_bytes = content_bytes - OLD.content_bytes,
    note_count = note_count - OLD.note_count, note_bytes = note_bytes - OLD.note_bytes WHERE id = OLD.plan_id;
  UPDATE plans SET revision = revision + 1, action_count = action_count + 1,
    content_bytes = content_bytes + NEW.content_bytes,
    note_count = note_count + NEW.note_count, note_bytes = note_bytes + NEW.note_bytes WHERE id = NEW.plan_id;
END;
--> statement-breakpoint
CREATE TRIGGER actions_changed AFTER UPDATE OF revision, content_bytes, note_count, note_bytes ON actions
  WHEN OLD.plan_id IS NEW.plan_id AND (OLD.revision IS NOT NEW.revision OR OLD.content_bytes IS NOT NEW.content_bytes
    OR OLD.note_count IS NOT NEW.note_count OR OLD.note_bytes IS NOT NEW.note_bytes)
BEGIN
  UPDATE plans SET revision = revision + 1, content_bytes = content_bytes + NEW.content_bytes - OLD.content_bytes,
    note_count = note_count + NEW.note_count - OLD.note_count,
    note_bytes = note_bytes + NEW.note_bytes - OLD.note_bytes WHERE id = NEW.plan_id;
END;
--> statement-breakpoint
CREATE TRIGGER notes_inserted AFTER INSERT ON notes BEGIN
  UPDATE actions SET revision = revision + 1, note_count = note_count + 1,
    note_bytes = note_bytes + length(CAST(json_quote(NEW.text) AS BLOB)) - 2 WHERE id = NEW.action_id;
END;
--> statement-breakpoint
CREATE TRIGGER notes_deleted AFTER DELETE ON notes BEGIN
  UPDATE actions SET revision = revision + 1, note_count = note_count - 1,
    note_bytes = note_bytes - length(CAST(json_quote(OLD.text) AS BLOB)) + 2 WHERE id = OLD.action_id;
END;
--> statement-breakpoint
-- Before its targets go with it: afterwards nobody knows which actions had them. The version rises, so that a write
-- that was decided with the area is decided again.
CREATE TRIGGER hierarchies_lightened BEFORE DELETE ON hierarchies BEGIN
  UPDATE actions SET content_bytes = content_bytes - 60, version = version + 1
    WHERE id IN (SELECT action_id FROM action_hierarchies WHERE hierarchy_id = OLD.id);
END;
--> statement-breakpoint
-- What a company keeps.
CREATE TRIGGER plans_stored AFTER INSERT ON plans BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + NEW.stored_bytes WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER plans_stored_more AFTER UPDATE OF content_bytes, note_bytes, action_count, note_count ON plans
  WHEN OLD.stored_bytes IS NOT NEW.stored_bytes
BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + NEW.stored_bytes - OLD.stored_bytes WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER plans_removed AFTER DELETE ON plans BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - OLD.stored_bytes WHERE id = OLD.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER users_stored AFTER INSERT ON users BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 + length(CAST(NEW.email AS BLOB))
    + length(CAST(NEW.name AS BLOB)) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER users_stored_more AFTER UPDATE OF email, name ON users
  WHEN OLD.email IS NOT NEW.email OR OLD.name IS NOT NEW.name
BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + length(CAST(NEW.email AS BLOB)) + length(CAST(NEW.name AS BLOB))
    - length(CAST(OLD.email AS BLOB)) - length(CAST(OLD.name AS BLOB)) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER users_removed AFTER DELETE ON users BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 - length(CAST(OLD.email AS BLOB))
    - length(CAST(OLD.name AS BLOB)) WHERE id = OLD.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER hierarchies_stored AFTER INSERT ON hierarchies BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 + length(CAST(NEW.name AS BLOB)),
    area_count = area_count + 1, area_bytes = area_bytes + 120 + length(CAST(json_quote(NEW.name) AS BLOB)) - 2
    WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER hierarchies_stored_more AFTER UPDATE OF name ON hierarchies WHEN OLD.name IS NOT NEW.name BEGIN
  UPDATE companies SET
    stored_bytes = stored_bytes + length(CAST(NEW.name AS BLOB)) - length(CAST(OLD.name AS BLOB)),
    area_bytes = area_bytes + length(CAST(json_quote(NEW.name) AS BLOB)) - length(CAST(json_quote(OLD.name) AS BLOB))
    WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER hierarchies_removed AFTER DELETE ON hierarchies BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 - length(CAST(OLD.name AS BLOB)),
    area_count = area_count - 1, area_bytes = area_bytes - 120 - length(CAST(json_quote(OLD.name) AS BLOB)) + 2
    WHERE id = OLD.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER exports_stored AFTER INSERT ON exports BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 + length(CAST(NEW.plan_title AS BLOB))
    WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER exports_stored_more AFTER UPDATE OF frozen ON exports WHEN OLD.frozen IS NOT NEW.frozen BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + coalesce(length(CAST(NEW.frozen AS BLOB)), 0)
    - coalesce(length(CAST(OLD.frozen AS BLOB)), 0) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER exports_removed AFTER DELETE ON exports BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 - length(CAST(OLD.plan_title AS BLOB))
    - coalesce(length(CAST(OLD.frozen AS BLOB)), 0) WHERE id = OLD.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER idempotency_records_stored AFTER INSERT ON idempotency_records BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 + coalesce(length(CAST(NEW.body AS BLOB)), 0)
    WHERE id = (SELECT company_id FROM users WHERE id = NEW.user_id);
END;
--> statement-breakpoint
CREATE TRIGGER idempotency_records_removed AFTER DELETE ON idempotency_records BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 - coalesce(length(CAST(OLD.body AS BLOB)), 0)
    WHERE id = (SELECT company_id FROM users WHERE id = OLD.user_id);
END;
