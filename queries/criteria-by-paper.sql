-- title: Criteria by paper
-- for: coders
-- description: What rules can tell of pending papers by the criteria of the protocol: yes, no or unknown, and from which words. They
-- decide nothing: what they propose is a suggestion for screening until a person answers.
-- across: criterion
SELECT
  papers.key AS paper,
  criteria.text AS criterion,
  told.holds || coalesce(': ' || told.words, '') AS holds
FROM paper_criteria AS told
JOIN criteria ON criteria.position = told.position
JOIN papers ON papers.id = told.paper_id
WHERE papers.status = 'pending'
ORDER BY papers.id, told.position
