def test(*_): pass
test_runs = test_data = test
