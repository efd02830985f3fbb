-- The stems of words that a reader typed.
SELECT typed.word, typed_terms.term
FROM temp.typed_terms
JOIN temp.typed ON typed.rowid = typed_terms.doc
