ALTER TABLE `exports` ADD `mail_tries` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sign_in_codes` ADD `mail_due_at` integer;--> statement-breakpoint
CREATE INDEX `sign_in_codes_by_mail` ON `sign_in_codes` (`mail_due_at`);