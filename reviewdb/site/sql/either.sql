-- A condition on papers. :either  JSON array of [question, code]: each is said of the paper, by coders or by a rule.
NOT EXISTS (
  SELECT 1
  FROM json_each(:either) AS asked
  WHERE NOT EXISTS (
    SELECT 1
    FROM paper_codes
    WHERE paper_codes.paper_id = papers.id
      AND paper_codes.question_id = json_extract(asked.value, '$[0]')
      AND paper_codes.code = json_extract(asked.value, '$[1]')
      AND paper_codes.status <> 'contested'
  )
)
