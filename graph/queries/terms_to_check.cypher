// Instruments of which a check needs the terms of a barrier, or that they are indices of volatility.
// clocks: none
MATCH (i:Instrument) WHERE i.barrier_observation IS NOT NULL OR i.kind = 'volatility index'
RETURN i.id AS id, i.kind AS kind, i.barrier AS barrier, i.barrier_observation AS observation, i.maturity AS maturity
ORDER BY id
