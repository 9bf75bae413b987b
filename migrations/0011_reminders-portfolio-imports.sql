CREATE TABLE `calendars` (
	`user_id` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`token_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `calendars_token_hash_unique` ON `calendars` (`token_hash`);--> statement-breakpoint
CREATE TABLE `export_plans` (
	`export_id` text NOT NULL,
	`position` integer NOT NULL,
	`plan_id` text NOT NULL,
	`plan` text NOT NULL,
	PRIMARY KEY(`export_id`, `position`),
	FOREIGN KEY (`export_id`) REFERENCES `exports`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `reminders` (
	`id` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`user_id` text NOT NULL,
	`local_date` text NOT NULL,
	`listed` text NOT NULL,
	`content` text NOT NULL,
	`send_until` integer NOT NULL,
	`mail_due_at` integer,
	`sent_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `reminders_by_user` ON `reminders` (`user_id`,`local_date`);--> statement-breakpoint
CREATE INDEX `reminders_by_mail` ON `reminders` (`mail_due_at`) WHERE mail_due_at IS NOT NULL;--> statement-breakpoint
ALTER TABLE `action_assignees` ADD `due_date` integer;--> statement-breakpoint
CREATE INDEX `assignees_open_by_due_date` ON `action_assignees` (`user_id`,`due_date`,`action_id`) WHERE due_date IS NOT NULL AND status IN ('NOT_STARTED', 'IN_PROGRESS');--> statement-breakpoint
CREATE INDEX `assignees_expired` ON `action_assignees` (`user_id`,`finished_at`,`action_id`) WHERE status = 'EXPIRED';--> statement-breakpoint
ALTER TABLE `actions` ADD `importer` text;--> statement-breakpoint
ALTER TABLE `actions` ADD `external_id` text;--> statement-breakpoint
CREATE UNIQUE INDEX `actions_by_external_id` ON `actions` (`company_id`,`importer`,`external_id`) WHERE external_id IS NOT NULL;--> statement-breakpoint
ALTER TABLE `companies` ADD `accent_color` text DEFAULT '#1d4ed8' NOT NULL;--> statement-breakpoint
ALTER TABLE `companies` ADD `reminders_due_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `companies` ADD `reminders_date` text;--> statement-breakpoint
ALTER TABLE `companies` ADD `reminders_position` text;--> statement-breakpoint
CREATE INDEX `companies_by_reminders` ON `companies` (`reminders_due_at`);--> statement-breakpoint
ALTER TABLE `exports` ADD `accent_color` text;--> statement-breakpoint
ALTER TABLE `sign_in_codes` ADD `accent_color` text;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `mail_accent_color` text;--> statement-breakpoint
ALTER TABLE `export_hierarchies` ADD `parent_id` text;--> statement-breakpoint
ALTER TABLE `export_hierarchies` ADD `position` integer;--> statement-breakpoint
ALTER TABLE `exports` ADD `kind` text DEFAULT 'PLAN' NOT NULL;--> statement-breakpoint
ALTER TABLE `exports` ADD `filter` text;--> statement-breakpoint
ALTER TABLE `exports` ADD `people` text;--> statement-breakpoint
ALTER TABLE `plans` ADD `importer` text;--> statement-breakpoint
ALTER TABLE `plans` ADD `external_id` text;--> statement-breakpoint
CREATE UNIQUE INDEX `plans_by_external_id` ON `plans` (`company_id`,`importer`,`external_id`) WHERE external_id IS NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `erased_at` integer;--> statement-breakpoint
CREATE INDEX `users_to_remind` ON `users` (`company_id`,`id`) WHERE active = 1 AND reminders = 1 AND role <> 'EMPLOYEE';--> statement-breakpoint
UPDATE action_assignees SET due_date = (SELECT due_date FROM actions WHERE id = action_assignees.action_id);
--> statement-breakpoint
DROP TRIGGER creator_checked_after_assignee_insert;
--> statement-breakpoint
CREATE TRIGGER copies_checked_after_assignee_insert AFTER INSERT ON action_assignees
  WHEN NOT EXISTS (SELECT 1 FROM actions a WHERE a.id = NEW.action_id AND a.created_at = NEW.created_at
    AND a.due_date IS NEW.due_date AND (a.created_by IS NEW.user_id) = NEW.is_creator) BEGIN
  SELECT RAISE(ABORT, 'The assignee does not have the creator and the times of the action');
END;
--> statement-breakpoint
CREATE TRIGGER due_dates_after_action_update AFTER UPDATE OF due_date ON actions
  WHEN OLD.due_date IS NOT NEW.due_date BEGIN
  UPDATE action_assignees SET due_date = NEW.due_date WHERE action_id = NEW.id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_reminder_insert AFTER INSERT ON reminders BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 + length(CAST(NEW.listed AS BLOB))
    + length(CAST(NEW.content AS BLOB)) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_reminder_update AFTER UPDATE OF content ON reminders
  WHEN OLD.content <> NEW.content BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + length(CAST(NEW.content AS BLOB))
    - length(CAST(OLD.content AS BLOB)) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_reminder_delete AFTER DELETE ON reminders BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 - length(CAST(OLD.listed AS BLOB))
    - length(CAST(OLD.content AS BLOB)) WHERE id = OLD.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_calendar_insert AFTER INSERT ON calendars BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_calendar_delete AFTER DELETE ON calendars BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 WHERE id = OLD.company_id;
END;
--> statement-breakpoint
-- The filter of a portfolio and the people whom an export names count as well.
DROP TRIGGER company_bytes_after_export_insert;
--> statement-breakpoint
DROP TRIGGER company_bytes_after_export_update;
--> statement-breakpoint
DROP TRIGGER company_bytes_after_export_delete;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_export_insert AFTER INSERT ON exports BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 + length(CAST(NEW.plan_title AS BLOB))
    + coalesce(length(CAST(NEW.requester_name AS BLOB)), 0) + coalesce(length(CAST(NEW.company_name AS BLOB)), 0)
    + coalesce(length(CAST(NEW.filter AS BLOB)), 0) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_export_update AFTER UPDATE OF frozen, people, requester_name ON exports
  WHEN OLD.frozen IS NOT NEW.frozen OR OLD.people IS NOT NEW.people OR OLD.requester_name IS NOT NEW.requester_name BEGIN
  UPDATE companies SET stored_bytes = stored_bytes
    + coalesce(length(CAST(NEW.requester_name AS BLOB)), 0) - coalesce(length(CAST(OLD.requester_name AS BLOB)), 0)
    + coalesce(length(CAST(NEW.frozen AS BLOB)), 0) - coalesce(length(CAST(OLD.frozen AS BLOB)), 0)
    + coalesce(length(NEW.people), 0) - coalesce(length(OLD.people), 0) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_export_delete AFTER DELETE ON exports BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 - length(CAST(OLD.plan_title AS BLOB))
    - coalesce(length(CAST(OLD.requester_name AS BLOB)), 0) - coalesce(length(CAST(OLD.company_name AS BLOB)), 0)
    - coalesce(length(CAST(OLD.filter AS BLOB)), 0) - coalesce(length(CAST(OLD.frozen AS BLOB)), 0)
    - coalesce(length(OLD.people), 0) WHERE id = OLD.company_id;
END;
