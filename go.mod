module lendleaf

go 1.26.0
