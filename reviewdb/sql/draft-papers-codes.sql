-- Of draft-papers: a facet of codes, by their labels.
  (
    SELECT group_concat(label, ', ')
    FROM (
      SELECT codes.label
      FROM paper_codes AS said
      JOIN codes ON codes.question_id = said.question_id AND codes.id = said.code
      WHERE said.paper_id = papers.id AND said.question_id = '$id' AND said.status = 'coded' AND NOT said.implied
      ORDER BY codes.position
    )
  ) AS "$label"
