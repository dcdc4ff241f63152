"""Korean law from the files of law.go.kr: statutes, administrative rules, decisions, as passages."""
