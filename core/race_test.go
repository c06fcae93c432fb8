//go:build race

package core_test

// raceDetector says whether the tests run under the race detector.
const raceDetector = true
