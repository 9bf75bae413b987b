-- Makes the full-text table of migration 0007 anew, with all actions, after an export.
CREATE VIRTUAL TABLE action_texts USING fts5 (
  title, description, content = '', contentless_delete = 1, detail = 'none', tokenize = 'trigram case_sensitive 1'
);
INSERT INTO action_texts (rowid, title, description) SELECT rowid, title_folded, description_folded FROM actions;
CREATE TRIGGER texts_after_action_insert AFTER INSERT ON actions BEGIN
  INSERT INTO action_texts (rowid, title, description) VALUES (NEW.rowid, NEW.title_folded, NEW.description_folded);
END;
CREATE TRIGGER texts_after_action_update AFTER UPDATE OF title_folded, description_folded ON actions BEGIN
  UPDATE action_texts SET title = NEW.title_folded, description = NEW.description_folded WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER texts_after_action_delete AFTER DELETE ON actions BEGIN
  DELETE FROM action_texts WHERE rowid = OLD.rowid;
END;
