import fc from 'fast-check'
// Before anything that is decorated, whichever of it a test file imports first.
import 'reflect-metadata'

// The same samples in every run, so that a counted outcome never depends on luck; PROPERTY_SEED=N takes others.
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20261121) })
