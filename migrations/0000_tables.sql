CREATE TABLE `action_assignees` (
	`action_id` text NOT NULL,
	`user_id` text NOT NULL,
	`position` integer NOT NULL,
	`status` text NOT NULL,
	`started_at` integer,
	`finished_at` integer,
	PRIMARY KEY(`action_id`, `user_id`),
	FOREIGN KEY (`action_id`) REFERENCES `actions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `assignees_by_user` ON `action_assignees` (`user_id`,`action_id`);--> statement-breakpoint
CREATE TABLE `action_focus_items` (
	`action_id` text NOT NULL,
	`position` integer NOT NULL,
	`company_id` text NOT NULL,
	`focus_type` text NOT NULL,
	`focus_id` text,
	PRIMARY KEY(`action_id`, `position`),
	FOREIGN KEY (`action_id`) REFERENCES `actions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `focus_items_by_type` ON `action_focus_items` (`company_id`,`focus_type`,`action_id`);--> statement-breakpoint
CREATE TABLE `action_hierarchies` (
	`action_id` text NOT NULL,
	`hierarchy_id` text NOT NULL,
	`position` integer NOT NULL,
	PRIMARY KEY(`action_id`, `hierarchy_id`),
	FOREIGN KEY (`action_id`) REFERENCES `actions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`hierarchy_id`) REFERENCES `hierarchies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `action_hierarchies_by_hierarchy` ON `action_hierarchies` (`hierarchy_id`,`action_id`);--> statement-breakpoint
CREATE TABLE `action_readers` (
	`action_id` text NOT NULL,
	`reader` text NOT NULL,
	`company_id` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`action_id`, `reader`),
	FOREIGN KEY (`action_id`) REFERENCES `actions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `action_readers_newest` ON `action_readers` (`company_id`,`reader`,`created_at`,`action_id`);--> statement-breakpoint
CREATE TABLE `actions` (
	`id` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`plan_id` text NOT NULL,
	`title` text NOT NULL,
	`action_type` text NOT NULL,
	`origin` text NOT NULL,
	`visibility` text,
	`status` text NOT NULL,
	`due_date` integer,
	`started_at` integer,
	`finished_at` integer,
	`expires_at` integer GENERATED ALWAYS AS (CASE WHEN status = 'IN_PROGRESS' AND started_at < due_date THEN due_date END) VIRTUAL,
	`note_count` integer DEFAULT 0 NOT NULL,
	`created_by` text,
	`version` integer DEFAULT 1 NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`title_folded` text NOT NULL,
	`description_folded` text NOT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`plan_id`) REFERENCES `plans`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `actions_by_plan` ON `actions` (`plan_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `actions_by_plan_status` ON `actions` (`plan_id`,`status`);--> statement-breakpoint
CREATE INDEX `actions_by_status` ON `actions` (`company_id`,`status`,`expires_at`);--> statement-breakpoint
CREATE INDEX `actions_by_type` ON `actions` (`company_id`,`action_type`);--> statement-breakpoint
CREATE INDEX `actions_by_expiry` ON `actions` (`expires_at`) WHERE expires_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `actions_by_creator` ON `actions` (`created_by`);--> statement-breakpoint
CREATE TABLE `companies` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`time_zone` text DEFAULT 'UTC' NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `export_actions` (
	`export_id` text NOT NULL,
	`position` integer NOT NULL,
	`action_id` text NOT NULL,
	`summary` text NOT NULL,
	`detail` text NOT NULL,
	PRIMARY KEY(`export_id`, `position`),
	FOREIGN KEY (`export_id`) REFERENCES `exports`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `export_files` (
	`export_id` text NOT NULL,
	`position` integer NOT NULL,
	`name` text NOT NULL,
	`bytes` integer NOT NULL,
	`sha256` text NOT NULL,
	PRIMARY KEY(`export_id`, `position`),
	FOREIGN KEY (`export_id`) REFERENCES `exports`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `export_notes` (
	`export_id` text NOT NULL,
	`position` integer NOT NULL,
	`note_id` text NOT NULL,
	`note` text NOT NULL,
	PRIMARY KEY(`export_id`, `position`, `note_id`),
	FOREIGN KEY (`export_id`) REFERENCES `exports`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`export_id`,`position`) REFERENCES `export_actions`(`export_id`,`position`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `exports` (
	`id` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`plan_id` text NOT NULL,
	`plan_title` text NOT NULL,
	`requested_by` text NOT NULL,
	`locale` text NOT NULL,
	`status` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_attempt_at` integer NOT NULL,
	`lease_until` integer,
	`frozen` text,
	`progress_done` integer DEFAULT 0 NOT NULL,
	`progress_total` integer DEFAULT 0 NOT NULL,
	`requested_at` integer NOT NULL,
	`finished_at` integer,
	`expires_at` integer,
	`link_expires_at` integer,
	`link_key_id` text,
	`failure_code` text,
	`failure_detail` text,
	`failure_mail` text,
	`revision` integer DEFAULT 1 NOT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`requested_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `exports_newest` ON `exports` (`requested_by`,`requested_at`,`id`);--> statement-breakpoint
CREATE INDEX `exports_by_plan` ON `exports` (`plan_id`,`status`);--> statement-breakpoint
CREATE INDEX `exports_by_due` ON `exports` (`status`,`next_attempt_at`);--> statement-breakpoint
CREATE INDEX `exports_by_expiry` ON `exports` (`status`,`expires_at`);--> statement-breakpoint
CREATE INDEX `exports_failure_mail` ON `exports` (`failure_mail`);--> statement-breakpoint
CREATE TABLE `hierarchies` (
	`id` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`parent_id` text,
	`name` text NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`parent_id`) REFERENCES `hierarchies`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `hierarchies_by_company` ON `hierarchies` (`company_id`,`parent_id`);--> statement-breakpoint
CREATE INDEX `hierarchies_by_parent` ON `hierarchies` (`parent_id`);--> statement-breakpoint
CREATE TABLE `idempotency_records` (
	`user_id` text NOT NULL,
	`endpoint` text NOT NULL,
	`key` text NOT NULL,
	`body_hash` text NOT NULL,
	`status` integer NOT NULL,
	`headers` text NOT NULL,
	`body` text,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `endpoint`, `key`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `idempotency_records_by_age` ON `idempotency_records` (`created_at`);--> statement-breakpoint
CREATE TABLE `notes` (
	`id` text PRIMARY KEY NOT NULL,
	`action_id` text NOT NULL,
	`author_id` text NOT NULL,
	`text` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`action_id`) REFERENCES `actions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`author_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `notes_newest` ON `notes` (`action_id`,`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `plans` (
	`id` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`title` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`visibility` text NOT NULL,
	`created_by` text,
	`audience` text GENERATED ALWAYS AS (CASE WHEN visibility = 'PUBLIC' OR created_by IS NULL THEN '*' ELSE created_by END) VIRTUAL,
	`version` integer DEFAULT 1 NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`action_count` integer DEFAULT 0 NOT NULL,
	`content_bytes` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `plans_newest_by_audience` ON `plans` (`company_id`,`audience`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `plans_by_creator` ON `plans` (`created_by`);--> statement-breakpoint
CREATE TABLE `readable_totals` (
	`company_id` text NOT NULL,
	`reader` text NOT NULL,
	`plans` integer DEFAULT 0 NOT NULL,
	`actions` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`company_id`, `reader`),
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`company_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `sessions_by_user` ON `sessions` (`user_id`,`revoked_at`);--> statement-breakpoint
CREATE INDEX `sessions_by_expiry` ON `sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `sign_in_codes` (
	`id` text PRIMARY KEY NOT NULL,
	`email_hash` text NOT NULL,
	`address_hash` text NOT NULL,
	`user_id` text,
	`locale` text NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`consumed_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `sign_in_codes_by_email` ON `sign_in_codes` (`email_hash`,`created_at`);--> statement-breakpoint
CREATE INDEX `sign_in_codes_by_age` ON `sign_in_codes` (`created_at`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`email` text NOT NULL,
	`email_key` text NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`active` integer DEFAULT true NOT NULL,
	`reminders` integer DEFAULT true NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`name_folded` text NOT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_key_unique` ON `users` (`email_key`);--> statement-breakpoint
CREATE INDEX `users_newest` ON `users` (`company_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `users_by_role` ON `users` (`company_id`,`role`,`active`);--> statement-breakpoint
CREATE TABLE `write_guards` (
	`id` integer PRIMARY KEY NOT NULL,
	`session` integer NOT NULL,
	`state` integer NOT NULL
);
