-- All that a paper can be called by: its id and key, and the id, key in its own library, DOI, title and year of its records.
SELECT
  papers.id, papers.key, records.id, json_extract(records.extra, '$.citation_key'),
  records.doi, records.title, records.year, papers.doi, papers.title, papers.year
FROM papers
JOIN paper_records ON paper_records.paper_id = papers.id
JOIN records ON records.id = paper_records.record_id
