ALTER TABLE `companies` ADD `language` text DEFAULT 'en' NOT NULL;--> statement-breakpoint
ALTER TABLE `exports` ADD `requester_name` text;--> statement-breakpoint
ALTER TABLE `exports` ADD `company_name` text;--> statement-breakpoint
ALTER TABLE `sign_in_codes` ADD `user_name` text;--> statement-breakpoint
ALTER TABLE `sign_in_codes` ADD `company_name` text;--> statement-breakpoint
CREATE INDEX `sign_in_codes_by_user` ON `sign_in_codes` (`user_id`);--> statement-breakpoint
ALTER TABLE `users` ADD `language` text;--> statement-breakpoint
CREATE INDEX `notes_by_author` ON `notes` (`author_id`);--> statement-breakpoint
-- The names that a mail shows count like the title.
DROP TRIGGER company_bytes_after_export_insert;
--> statement-breakpoint
DROP TRIGGER company_bytes_after_export_delete;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_export_insert AFTER INSERT ON exports BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 + length(CAST(NEW.plan_title AS BLOB))
    + coalesce(length(CAST(NEW.requester_name AS BLOB)), 0) + coalesce(length(CAST(NEW.company_name AS BLOB)), 0)
    WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_export_delete AFTER DELETE ON exports BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 - length(CAST(OLD.plan_title AS BLOB))
    - coalesce(length(CAST(OLD.requester_name AS BLOB)), 0) - coalesce(length(CAST(OLD.company_name AS BLOB)), 0)
    - coalesce(length(CAST(OLD.frozen AS BLOB)), 0) WHERE id = OLD.company_id;
END;
