"""Korean law: statutes, administrative rules and decisions of law.go.kr as passages."""
