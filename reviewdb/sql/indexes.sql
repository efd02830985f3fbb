-- The indexes of a database, made when its tables are filled.

CREATE INDEX records_by_search ON records (search_id, rank, about);
CREATE INDEX records_by_subject ON records (about) WHERE about IS NOT NULL;
CREATE INDEX papers_by_year ON papers (year, status);
-- With all that a count of where papers stand asks for: it takes no look at the papers themselves.
CREATE INDEX papers_by_status ON papers (status, stage, reason, study_id, id);
CREATE INDEX papers_by_study ON papers (study_id);
CREATE INDEX paper_records_by_paper ON paper_records (paper_id);
CREATE INDEX paper_arrivals_by_search ON paper_arrivals (search_id);
CREATE INDEX record_works_by_work ON record_works (work);
CREATE INDEX record_references_by_work ON record_references (work);
CREATE INDEX links_by_b ON links (b);
CREATE INDEX matches_by_b ON matches (b);
CREATE INDEX decisions_by_record ON decisions (record_id);
CREATE INDEX decisions_reopened ON decisions (id) WHERE reopened;
CREATE INDEX decisions_by_coder ON decisions (coder, at, id) WHERE coder NOT LIKE 'rule:%';
CREATE INDEX answers_by_decision ON answers (decision_id);
CREATE INDEX current_decisions_contested ON current_decisions (paper_id, question_id) WHERE contested;
CREATE INDEX independent_answers_alike ON independent_answers (question_id, said);
CREATE INDEX paper_codes_by_code ON paper_codes (question_id, code, status, implied);
CREATE INDEX paper_codes_proposed ON paper_codes (question_id, paper_id, implied) WHERE status = 'suggested' AND NOT implied;
CREATE INDEX paper_days_by_day ON paper_days (day, paper_id);
