-- What rules can tell of a paper by the criteria, and from which words.
SELECT criteria.stage, criteria.text, told.holds, told.words
FROM paper_criteria AS told
JOIN criteria ON criteria.position = told.position
WHERE told.paper_id = :paper
ORDER BY told.position
