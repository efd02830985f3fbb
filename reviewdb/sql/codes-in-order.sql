-- ?  a question. Its codes in the order of the scheme.
SELECT id, label FROM codes WHERE question_id = ? ORDER BY position
