package audit

func faultsOfAggregation() []fault { return nil }
