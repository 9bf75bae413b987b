CREATE TABLE `access_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`user_id` text NOT NULL,
	`key_hash` text NOT NULL,
	`name` text NOT NULL,
	`scope` text NOT NULL,
	`hint` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`last_used_at` integer,
	`revoked_at` integer,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `access_keys_key_hash_unique` ON `access_keys` (`key_hash`);--> statement-breakpoint
CREATE INDEX `access_keys_by_user` ON `access_keys` (`user_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `access_keys_by_company` ON `access_keys` (`company_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `access_keys_by_expiry` ON `access_keys` (`expires_at`);--> statement-breakpoint
CREATE TABLE `history` (
	`company_id` text NOT NULL,
	`number` integer NOT NULL,
	`id` text NOT NULL,
	`at` integer NOT NULL,
	`recorded_at` integer NOT NULL,
	`actor_id` text,
	`via` text NOT NULL,
	`type` text NOT NULL,
	`plan_id` text NOT NULL,
	`action_id` text,
	`title` text NOT NULL,
	`changes` text NOT NULL,
	`readers` text,
	`batch_bytes` integer,
	PRIMARY KEY(`company_id`, `number`),
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`actor_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `history_by_plan` ON `history` (`plan_id`,`number`);--> statement-breakpoint
CREATE INDEX `history_by_action` ON `history` (`action_id`,`number`) WHERE action_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `history_by_actor` ON `history` (`actor_id`,`number`) WHERE actor_id IS NOT NULL;--> statement-breakpoint
CREATE TABLE `webhook_cursors` (
	`company_id` text PRIMARY KEY NOT NULL,
	`number` integer NOT NULL,
	`is_behind` integer DEFAULT false NOT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `webhook_cursors_behind` ON `webhook_cursors` (`is_behind`) WHERE is_behind = 1;--> statement-breakpoint
CREATE TABLE `webhook_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`webhook_id` text NOT NULL,
	`type` text NOT NULL,
	`at` integer NOT NULL,
	`plan_id` text,
	`action_id` text,
	`history_number` integer,
	`history_id` text,
	`export_id` text,
	`status` text NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`automatic_tries` integer DEFAULT 0 NOT NULL,
	`is_by_hand` integer DEFAULT false NOT NULL,
	`last_status` integer,
	`next_try_at` integer,
	`lease_until` integer,
	`lane` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`webhook_id`) REFERENCES `webhooks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_newest` ON `webhook_deliveries` (`webhook_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_by_due` ON `webhook_deliveries` (`next_try_at`) WHERE next_try_at IS NOT NULL AND lease_until IS NOT 0;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_under_way` ON `webhook_deliveries` (`lane`,`lease_until`) WHERE lease_until IS NOT NULL;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_by_age` ON `webhook_deliveries` (`created_at`);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`user_id` text NOT NULL,
	`url` text NOT NULL,
	`host` text NOT NULL,
	`types` text,
	`active` integer NOT NULL,
	`from_number` integer NOT NULL,
	`secret_number` integer DEFAULT 1 NOT NULL,
	`previous_secret_until` integer,
	`failing_since` integer,
	`switched_off_at` integer,
	`mail_due_at` integer,
	`mail_locale` text,
	`mail_user_name` text,
	`mail_company_name` text,
	`deleted_at` integer,
	`revision` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `webhooks_by_company` ON `webhooks` (`company_id`,`active`);--> statement-breakpoint
CREATE INDEX `webhooks_by_user` ON `webhooks` (`user_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `webhooks_by_mail` ON `webhooks` (`mail_due_at`) WHERE mail_due_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `webhooks_deleted` ON `webhooks` (`deleted_at`) WHERE deleted_at IS NOT NULL;--> statement-breakpoint
ALTER TABLE `companies` ADD `history_number` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `companies` ADD `history_bytes` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `companies` ADD `history_floor` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
-- The last entry of each statement carries the bytes of all of them, so that company and cursor are written once.
CREATE TRIGGER company_history_after_entry_insert AFTER INSERT ON history WHEN NEW.batch_bytes IS NOT NULL BEGIN
  UPDATE companies SET history_number = NEW.number, history_bytes = history_bytes + NEW.batch_bytes,
    stored_bytes = stored_bytes + NEW.batch_bytes WHERE id = NEW.company_id;
  UPDATE webhook_cursors SET is_behind = 1 WHERE company_id = NEW.company_id AND is_behind = 0
    AND EXISTS (SELECT 1 FROM webhooks WHERE company_id = NEW.company_id AND active = 1);
END;
--> statement-breakpoint
CREATE TRIGGER company_history_after_entry_delete AFTER DELETE ON history BEGIN
  UPDATE companies SET history_floor = max(history_floor, OLD.number),
    history_bytes = history_bytes - 500 - length(CAST(OLD.title AS BLOB)) - length(CAST(OLD.changes AS BLOB))
      - coalesce(length(OLD.readers), 0),
    stored_bytes = stored_bytes - 500 - length(CAST(OLD.title AS BLOB)) - length(CAST(OLD.changes AS BLOB))
      - coalesce(length(OLD.readers), 0) WHERE id = OLD.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_access_key_insert AFTER INSERT ON access_keys BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 + length(CAST(NEW.name AS BLOB)) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_access_key_delete AFTER DELETE ON access_keys BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 - length(CAST(OLD.name AS BLOB)) WHERE id = OLD.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_webhook_insert AFTER INSERT ON webhooks BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 + length(CAST(NEW.url AS BLOB))
    + coalesce(length(NEW.types), 0) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_webhook_update AFTER UPDATE OF url, types ON webhooks
  WHEN OLD.url IS NOT NEW.url OR OLD.types IS NOT NEW.types BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + length(CAST(NEW.url AS BLOB)) + coalesce(length(NEW.types), 0)
    - length(CAST(OLD.url AS BLOB)) - coalesce(length(OLD.types), 0) WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_webhook_delete AFTER DELETE ON webhooks BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 - length(CAST(OLD.url AS BLOB))
    - coalesce(length(OLD.types), 0) WHERE id = OLD.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_delivery_insert AFTER INSERT ON webhook_deliveries BEGIN
  UPDATE companies SET stored_bytes = stored_bytes + 500 WHERE id = NEW.company_id;
END;
--> statement-breakpoint
CREATE TRIGGER company_bytes_after_delivery_delete AFTER DELETE ON webhook_deliveries BEGIN
  UPDATE companies SET stored_bytes = stored_bytes - 500 WHERE id = OLD.company_id;
END;
--> statement-breakpoint
-- Places of assignees had a hole where a hand-over had met an heir who was an assignee already.
UPDATE action_assignees SET position = placed.place FROM (
  SELECT action_id, user_id, row_number() OVER (PARTITION BY action_id ORDER BY position, user_id) - 1 AS place
  FROM action_assignees) AS placed
WHERE action_assignees.action_id = placed.action_id AND action_assignees.user_id = placed.user_id
  AND action_assignees.position <> placed.place;
