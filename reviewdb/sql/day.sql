-- What the decisions of a :day made of the papers that they were about.
SELECT papers.key, papers.title, at, coders, was_status, was_codes, paper_days.status, codes
FROM paper_days
JOIN papers ON papers.id = paper_days.paper_id
WHERE day = :day
ORDER BY paper_days.paper_id
