-- title: Coded papers
-- description: The papers of the review and what they find.
SELECT key AS paper, title, year, method, finding
FROM papers
WHERE status = 'included'
ORDER BY year, key
