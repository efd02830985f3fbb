-- All that a paper can be called by: its id and key, and the id, DOI, title and year of each of its records.
SELECT papers.id, papers.key, records.id, records.doi, records.title, records.year, papers.doi, papers.title, papers.year
FROM papers
JOIN paper_records ON paper_records.paper_id = papers.id
JOIN records ON records.id = paper_records.record_id
