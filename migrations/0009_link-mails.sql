CREATE TABLE `link_mails` (
	`id` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`export_id` text NOT NULL,
	`user_id` text NOT NULL,
	`locale` text NOT NULL,
	`link_expires_at` integer NOT NULL,
	`link_key_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`mail_due_at` integer,
	`settled_at` integer,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`export_id`) REFERENCES `exports`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `link_mails_by_export` ON `link_mails` (`export_id`);--> statement-breakpoint
CREATE INDEX `link_mails_by_user` ON `link_mails` (`user_id`);--> statement-breakpoint
CREATE INDEX `link_mails_by_mail` ON `link_mails` (`mail_due_at`);--> statement-breakpoint
CREATE INDEX `link_mails_by_age` ON `link_mails` (`created_at`);