package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A mutant is one small fault. The operators are few and strong: a fault that
// each test sees that sees another one is left out. So there is no `!=` for an
// `==` where the condition also becomes true and false, and no `||` for an `&&`
// whose operands also become true.
type mutant struct {
	id       int
	file     *source
	function string // that it is in, with its receiver's type, or the name of a variable
	line     int
	before   string // source text
	after    string // what it becomes
	code     string // the source line
	nth      int    // among mutants that look the same

	from, to    int  // bytes of the file that change
	left, right int  // where the first operand ends, and the second begins
	form        form // how it is written
	text        string
}

// form is how a mutant is written beside the others.
type form int

const (
	statement  form = iota // text is another statement
	condition              // text is another condition
	arithmetic             // text is a function of two operands: there is one for each operator
	value                  // text is a function of a constant
	alone                  // text takes the constant's place, in a binary of its own
)

// key is what a known survivor is listed by.
func (m *mutant) key() string {
	key := fmt.Sprintf("%s %s: %s → %s | %s", m.file.name, m.function, m.before, m.after, m.code)
	if m.nth > 1 {
		key += fmt.Sprintf(" | %d", m.nth)
	}
	return key
}

// number gives mutants their numbers, and tells apart those that look the same.
func number(mutants []*mutant) {
	seen := map[string]int{}
	for i, m := range mutants {
		m.id = i + 1
		seen[m.key()]++
		m.nth = seen[m.key()]
	}
}

// finder looks for the mutants of a file.
type finder struct {
	source   *source
	set      *token.FileSet
	info     *types.Info
	self     *types.Package
	function string
	path     []ast.Node // from the file down to a node
	mutants  []*mutant
}

func (f *finder) find() []*mutant {
	for _, d := range f.source.tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			f.function = functionName(d)
			f.walk(d)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok {
					f.function = v.Names[0].Name
					f.declaration(d.Tok, v)
				}
			}
		}
	}
	return f.mutants
}

func functionName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		default:
			return t.(*ast.Ident).Name + "." + d.Name.Name
		}
	}
}

func (f *finder) declaration(tok token.Token, v *ast.ValueSpec) {
	if tok == token.VAR {
		f.walk(v)
		return
	}
	f.constants(v)
}

func (f *finder) constants(v *ast.ValueSpec) {
	for _, value := range v.Values {
		f.constant(value, alone)
	}
}

func (f *finder) walk(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			f.path = f.path[:len(f.path)-1]
			return true
		}
		if !f.visit(n) {
			return false
		}
		f.path = append(f.path, n)
		return true
	})
}

// visit adds a node's mutants and says whether to look into it.
func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		for _, s := range n.Specs {
			if v, ok := s.(*ast.ValueSpec); ok && n.Tok == token.CONST {
				f.constants(v)
			}
		}
		return n.Tok == token.VAR
	case *ast.ArrayType:
		return false
	case ast.Stmt:
		f.statement(n)
	case ast.Expr:
		switch {
		case f.isHint(n):
			return false
		case f.info.Types[n].Value != nil && f.hasLiteral(n):
			f.constant(n, value)
			return false
		case f.info.Types[n].IsValue():
			f.condition(n)
			f.arithmetic(n)
		}
	}
	return true
}

// isHint says whether an expression only says how much room to make, or how
// strconv is to round, where one less or more is the same, or no number at all.
func (f *finder) isHint(e ast.Expr) bool {
	call, ok := f.parent().(*ast.CallExpr)
	if !ok || call.Fun == e {
		return false
	}
	if f.text(call.Fun) == "make" {
		_, isMap := f.info.TypeOf(call).Underlying().(*types.Map)
		return len(call.Args) == 3 && call.Args[2] == e || isMap
	}
	last := call.Args[len(call.Args)-1] == e
	return last && f.makesRoom(call) || strings.HasPrefix(f.text(call.Fun), "strconv.") && (last || f.text(e) == "-1")
}

func (f *finder) makesRoom(call *ast.CallExpr) bool {
	called := f.text(call.Fun)
	return strings.HasSuffix(called, ".Grow") || called == "bufio.NewReaderSize" || called == "bufio.NewWriterSize" || called == "reflect.MakeSlice"
}

func (f *finder) text(n ast.Node) string {
	return string(f.source.text[f.offset(n.Pos()):f.offset(n.End())])
}

func (f *finder) offset(p token.Pos) int { return f.set.PositionFor(p, false).Offset }

// add adds a mutant.
func (f *finder) add(n ast.Node, form form, after, text string) {
	from, to := f.offset(n.Pos()), f.offset(n.End())
	begin := strings.LastIndexByte(string(f.source.text[:from]), '\n') + 1
	code, _, _ := strings.Cut(string(f.source.text[begin:]), "\n")
	f.mutants = append(f.mutants, &mutant{
		file: f.source, function: f.function, line: f.set.PositionFor(n.Pos(), false).Line,
		before: short(f.text(n)), after: short(after), code: strings.TrimSpace(code),
		from: from, to: to, form: form, text: text,
	})
}

// short is text on one line, and not too much of it.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > 70 {
		s = string(runes[:70]) + "…"
	}
	return s
}

// parent is the node above, without brackets.
func (f *finder) parent() ast.Node {
	for _, n := range slices.Backward(f.path) {
		if _, ok := n.(*ast.ParenExpr); !ok {
			return n
		}
	}
	return nil
}

// boundary has for each comparison the one that differs where both sides are
// equal, and opposite the one that always differs.
var (
	boundary = map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">"}
	opposite = map[token.Token]string{token.EQL: "!=", token.NEQ: "==", token.LSS: ">=", token.LEQ: ">", token.GTR: "<=", token.GEQ: "<"}
)

// condition adds what else a condition may say.
func (f *finder) condition(e ast.Expr) {
	if _, brackets := e.(*ast.ParenExpr); brackets {
		return
	}
	if t := f.info.TypeOf(e); t == nil || !types.Identical(t.Underlying(), types.Typ[types.Bool]) && t != types.Typ[types.UntypedBool] {
		return
	}
	if id, ok := e.(*ast.Ident); ok && (id.Name == "true" || id.Name == "false") && f.info.Types[e].Value != nil {
		flipped := map[string]string{"true": "false", "false": "true"}[id.Name]
		f.add(e, condition, flipped, flipped)
		return
	}
	compared, _ := e.(*ast.BinaryExpr)
	if compared != nil && boundary[compared.Op] != "" {
		changed := f.text(compared.X) + " " + boundary[compared.Op] + " " + f.text(compared.Y)
		f.add(e, condition, changed, changed)
	}
	outcomes, known := f.outcomes(e)
	for _, outcome := range outcomes {
		f.add(e, condition, outcome, outcome)
	}
	if !known && compared != nil && opposite[compared.Op] != "" {
		changed := f.text(compared.X) + " " + opposite[compared.Op] + " " + f.text(compared.Y)
		f.add(e, condition, changed, changed)
	}
}

// outcomes are what an expression may be set to for good, if it is a condition.
func (f *finder) outcomes(e ast.Expr) (outcomes []string, is bool) {
	both := []string{"true", "false"}
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.LAND {
		both = []string{"false"} // an operand that becomes true is as much
	} else if ok && b.Op == token.LOR {
		both = []string{"true"}
	}
	switch p := f.parent().(type) {
	case *ast.IfStmt:
		return both, true
	case *ast.CaseClause:
		return both, true
	case *ast.ForStmt:
		return []string{"false"}, true
	case *ast.BinaryExpr:
		own, _ := e.(*ast.BinaryExpr)
		switch {
		case own != nil && own.Op == p.Op && (p.Op == token.LAND || p.Op == token.LOR):
			return nil, true // its operands are
		case p.Op == token.LAND:
			return []string{"true"}, true
		case p.Op == token.LOR:
			return []string{"false"}, true
		}
	}
	return nil, false
}

// swapped has for each operator the one that takes its place, and the function
// that is written for it.
var swapped = map[token.Token][2]string{
	token.ADD: {"-", "Add"}, token.SUB: {"+", "Sub"}, token.MUL: {"/", "Mul"}, token.QUO: {"*", "Quo"}, token.REM: {"*", "Rem"},
	token.AND: {"|", "And"}, token.OR: {"&", "Or"}, token.XOR: {"&", "Xor"}, token.AND_NOT: {"&", "AndNot"}, token.SHL: {">>", "Shl"}, token.SHR: {"<<", "Shr"},
}

func (f *finder) arithmetic(e ast.Expr) {
	b, ok := e.(*ast.BinaryExpr)
	if !ok || swapped[b.Op][0] == "" {
		return
	}
	if basic, ok := f.info.TypeOf(e).Underlying().(*types.Basic); !ok || basic.Info()&types.IsNumeric == 0 {
		return
	}
	swap := swapped[b.Op]
	f.add(e, arithmetic, f.text(b.X)+" "+swap[0]+" "+f.text(b.Y), swap[1]+"["+f.typeName(e)+"]")
	m := f.mutants[len(f.mutants)-1]
	m.left, m.right = f.offset(b.X.End()), f.offset(b.Y.Pos())
}

// typeName is how the type of an expression is written in its file.
func (f *finder) typeName(e ast.Expr) string {
	return types.TypeString(types.Default(f.info.TypeOf(e)), func(p *types.Package) string {
		if p == f.self {
			return ""
		}
		for _, i := range f.source.tree.Imports {
			if i.Name != nil && strings.Trim(i.Path.Value, `"`) == p.Path() {
				return i.Name.Name
			}
		}
		return p.Name()
	})
}

// hasLiteral says whether a constant has a number in it: not only names.
func (f *finder) hasLiteral(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		l, ok := n.(*ast.BasicLit)
		found = found || ok && l.Kind != token.STRING
		return true
	})
	return found
}

// constant adds other values of a constant.
func (f *finder) constant(e ast.Expr, form form) {
	v := f.info.Types[e].Value
	if v == nil || f.isKey(e) || !f.hasLiteral(e) {
		return
	}
	change := func(after, function string) {
		if form == alone {
			f.add(e, alone, after, "("+f.text(e)+")"+map[string]string{"More": "+1", "Less": "-1", "Tenth": "*0.9", "Twice": "*2"}[function])
			return
		}
		f.add(e, form, after, function+"["+f.typeName(e)+"]")
	}
	t := f.info.TypeOf(e)
	basic, ok := t.Underlying().(*types.Basic)
	switch {
	case !ok:
	case t.String() == "time.Duration":
		change("twice as long", "Twice")
	case basic.Info()&types.IsInteger != 0:
		n := constant.ToInt(v)
		change(constant.BinaryOp(n, token.ADD, constant.MakeInt64(1)).ExactString(), "More")
		if constant.Sign(n) != 0 {
			change(constant.BinaryOp(n, token.SUB, constant.MakeInt64(1)).ExactString(), "Less")
		}
	case basic.Info()&types.IsFloat != 0 && constant.Sign(v) == 0:
		change("1", "More")
	case basic.Info()&types.IsFloat != 0:
		change("a tenth less", "Tenth")
	}
}

// isKey says whether a constant says which element of an array is meant, as
// only a constant can.
func (f *finder) isKey(e ast.Expr) bool {
	kv, ok := f.parent().(*ast.KeyValueExpr)
	return ok && kv.Key == e
}

// statement adds what a statement may do instead.
func (f *finder) statement(s ast.Stmt) {
	switch p := f.parent().(type) {
	case *ast.BlockStmt, *ast.CaseClause:
	case *ast.CommClause:
		if p.Comm == s {
			return
		}
	default:
		return
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE && !f.isBlank(s) {
			f.add(s, statement, "nothing", "")
		}
	case *ast.IncDecStmt, *ast.DeferStmt, *ast.SendStmt:
		f.add(s, statement, "nothing", "")
	case *ast.ExprStmt:
		if call, ok := s.X.(*ast.CallExpr); !ok || f.text(call.Fun) != "panic" && !f.makesRoom(call) {
			f.add(s, statement, "nothing", "")
		}
	case *ast.BranchStmt:
		if s.Tok != token.FALLTHROUGH && s.Tok != token.GOTO && !f.isOnlyOne() {
			f.add(s, statement, "nothing", "")
		}
	case *ast.ReturnStmt:
		f.returned(s)
	}
}

func (f *finder) isBlank(s *ast.AssignStmt) bool {
	return !slices.ContainsFunc(s.Lhs, func(e ast.Expr) bool { return f.text(e) != "_" })
}

// isOnlyOne says whether a statement is all that an if does: without it is as
// if the condition were false.
func (f *finder) isOnlyOne() bool {
	block, ok := f.path[len(f.path)-1].(*ast.BlockStmt)
	if !ok || len(block.List) != 1 {
		return false
	}
	_, ok = f.path[len(f.path)-2].(*ast.IfStmt)
	return ok
}

var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

// returned adds a return without its error, and one that is not made.
func (f *finder) returned(s *ast.ReturnStmt) {
	if len(s.Results) == 0 {
		if !f.isOnlyOne() {
			f.add(s, statement, "nothing", "")
		}
		return
	}
	last := s.Results[len(s.Results)-1]
	if !types.Implements(f.info.TypeOf(last), errorType) || f.text(last) == "nil" {
		return
	}
	var texts []string
	for _, r := range s.Results[:len(s.Results)-1] {
		texts = append(texts, f.text(r))
	}
	changed := "return " + strings.Join(append(texts, "nil"), ", ")
	if _, call := last.(*ast.CallExpr); call && len(s.Results) == 1 && !strings.HasPrefix(f.text(last), "fmt.Errorf(") {
		f.add(s, statement, changed, "_ = "+f.text(last)+"; "+changed)
		return
	}
	f.add(s, statement, changed, changed)
}
