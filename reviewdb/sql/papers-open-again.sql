-- Papers with an answer whose code was split since: of one :coder, or with :unblind of anybody.
SELECT DISTINCT paper_id FROM open_again WHERE :unblind OR coder = :coder
