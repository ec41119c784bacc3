package compile_test

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/compile/compiletest"
)

// BenchmarkCompile is what one edit of a Shop costs the operator: the minimal Shop, and the whole sample with every
// text rendered in four languages.
func BenchmarkCompile(b *testing.B) {
	for name, input := range map[string]func(testing.TB) compile.Input{"minimal": compiletest.Linden, "whole": compiletest.Fjallro} {
		b.Run(name, func(b *testing.B) {
			in := input(b)
			for b.Loop() {
				if compile.Compile(in).Document == nil {
					b.Fatal("no document")
				}
			}
		})
	}
}
