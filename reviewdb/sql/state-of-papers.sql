-- Every paper and where it stands; a reason to exclude it in words.
SELECT papers.id, papers.key, papers.title, papers.year, papers.status, coalesce(codes.label, papers.reason, '')
FROM papers
LEFT JOIN codes ON codes.question_id = papers.stage AND codes.id = 'exclude.' || papers.reason
ORDER BY papers.id
