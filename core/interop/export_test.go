package interop

// ImportPlain imports an unpacked dump: of packed ones a fuzzer would search the
// packing.
var ImportPlain = importPlain
