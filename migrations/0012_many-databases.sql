CREATE TABLE `addresses` (
	`email_key` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`user_id` text NOT NULL,
	`settle_at` integer
);
--> statement-breakpoint
CREATE INDEX `addresses_by_company` ON `addresses` (`company_id`);--> statement-breakpoint
CREATE INDEX `addresses_to_settle` ON `addresses` (`settle_at`) WHERE settle_at IS NOT NULL;--> statement-breakpoint
CREATE TABLE `company_places` (
	`company_id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`database` text NOT NULL,
	`changed_at` integer NOT NULL
);
