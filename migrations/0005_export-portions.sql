CREATE TABLE `export_areas` (
	`export_id` text NOT NULL,
	`area_id` text NOT NULL,
	`name` text NOT NULL,
	PRIMARY KEY(`export_id`, `area_id`),
	FOREIGN KEY (`export_id`) REFERENCES `exports`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `export_actions` ADD `bytes` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `exports` ADD `waiting_since` integer;--> statement-breakpoint
CREATE INDEX `exports_waiting` ON `exports` (`company_id`,`requested_at`) WHERE waiting_since IS NOT NULL;--> statement-breakpoint
CREATE INDEX `exports_building` ON `exports` (`company_id`) WHERE status = 'BUILDING';