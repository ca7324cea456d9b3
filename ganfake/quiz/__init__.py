"""The game: decks of real photographs, rules, statistics and scores."""
