-- Drop the tables that vocabulary.sql made.
DROP TABLE IF EXISTS temp.typed_terms;
DROP TABLE IF EXISTS temp.typed;
DROP TABLE IF EXISTS temp.standing;
DROP TABLE IF EXISTS temp.vocabulary;
