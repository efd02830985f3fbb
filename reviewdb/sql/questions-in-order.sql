-- What coders are asked, in the order of the coding scheme.
SELECT id, facet, kind FROM questions ORDER BY position
