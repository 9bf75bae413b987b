-- Before `wrangler d1 export`, which refuses a database with a full-text table. Until create.sql has run, searches with
-- `q` of 3 characters or more fail; nothing else is affected.
DROP TRIGGER IF EXISTS texts_after_action_insert;
DROP TRIGGER IF EXISTS texts_after_action_update;
DROP TRIGGER IF EXISTS texts_after_action_delete;
DROP TABLE IF EXISTS action_texts;
