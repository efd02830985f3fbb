SELECT papers.key, d.coder, d.record_id, d.question_id, d.at, d.why, d.settles, d.withdrawn OR d.reopened, coalesce(d.undoes, ''),
       (SELECT json_group_array(DISTINCT coalesce(code, text)) FROM answers WHERE decision_id = d.id)
FROM papers
JOIN paper_records ON paper_records.paper_id = papers.id
JOIN decisions AS d USING (record_id)
WHERE d.coder NOT LIKE 'rule:%'
ORDER BY papers.id, d.at, d.coder, d.id
