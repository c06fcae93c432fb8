package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"

	"lendleaf/core"
	"lendleaf/core/rows"
	"lendleaf/server/api"
	"lendleaf/server/docs"
	"lendleaf/server/observe"
	"lendleaf/server/record"
	"lendleaf/server/shadow"
)

// answers answer what depends on the model, by the newest one that could be
// loaded. Requests under way keep the model that they began with.
type answers struct {
	server  Server
	options *options
	budget  *rows.Budget // of all requests, whatever the model
	log     *slog.Logger
	counted *observe.Metrics // nil: nothing is counted
	records *records         // nil: nothing is recorded
	shadow  *shadow.Scorer   // nil: there is no challenger
	current atomic.Pointer[loaded]
}

// loaded are the answers of one model.
type loaded struct {
	api.Routes
	hash []string // of the model, as a header has it
}

func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	of := a.current.Load()
	w.Header()[api.ModelHeader] = of.hash
	of.ServeHTTP(w, r)
}

// named names the model in answers that it has no part in, too: refusals.
func (a *answers) named(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()[api.ModelHeader] = a.current.Load().hash
		next.ServeHTTP(w, r)
	})
}

// load reads the model, and has it answer from now on. If it is bad, all stays as
// it was.
func (a *answers) load() error {
	model, err := a.readModel()
	if err != nil {
		return err
	}
	if err := a.options.admit(model); err != nil {
		return err
	}
	o := a.apiOptions()
	use := func() {}
	if a.counted != nil {
		observer := a.counted.Model(model, observe.Champion, api.Texts()...)
		o.Observer, use = observer, observer.Use
	}
	challenge := func() {}
	if a.shadow != nil {
		if o.Shadow, challenge, err = a.challenger(model); err != nil {
			return err
		}
	}
	calls, err := api.New(model, o)
	if err != nil {
		return err
	}
	if err := a.explain(calls, model); err != nil {
		return err
	}
	use()
	challenge()
	a.current.Store(&loaded{calls.Routes, []string{model.Hash()}})
	a.log.Info("loaded", "model", model.Name(), "hash", model.Hash())
	return nil
}

// challenger reads the model that scores beside another one, and prepares to use it.
func (a *answers) challenger(champion *core.Model) (score func(*record.Batch), use func(), err error) {
	model, err := core.LoadFile(a.options.shadow)
	if err != nil {
		return nil, nil, err
	}
	var observer shadow.Observer
	count := func() {}
	if a.counted != nil {
		counted := a.counted.Model(model, observe.Challenger)
		observer, count = counted, counted.Use
	}
	pair, err := a.shadow.Pair(champion, model, observer)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", a.options.shadow, err)
	}
	return pair.Score, func() {
		count()
		a.log.Info("loaded to score beside it", "model", model.Name(), "hash", model.Hash())
	}, nil
}

// beside begins to score with a second model, if there is one, in an eighth of the
// memory that requests may hold.
func (a *answers) beside() {
	if a.options.shadow == "" {
		return
	}
	a.shadow = shadow.New(a.records.keep(), rows.NewBudget(a.budget.Limit()/8, a.budget))
	if a.counted != nil {
		a.counted.Count("shadow_lost_total", "Applicants that the challenger did not score, as too many waited.", func() float64 { return float64(a.shadow.Lost()) })
		a.counted.Count("shadow_unscored_total", "Applicants that the challenger does not take.", func() float64 { return float64(a.shadow.Unscored()) })
	}
}

func (a *answers) readModel() (*core.Model, error) {
	if a.options.model == "" {
		return core.Load(a.server.Model)
	}
	return core.LoadFile(a.options.model)
}

// errOtherModel says that a model is not the one of -model-hash.
var errOtherModel = errors.New("the model is another one than -model-hash names")

// admit refuses every model but the one that the operator wants, if that is said.
func (o *options) admit(m *core.Model) error {
	if o.modelHash != "" && m.Hash() != o.modelHash {
		return fmt.Errorf("%w: its hash is %s", errOtherModel, m.Hash())
	}
	return nil
}

func (a *answers) apiOptions() api.Options {
	o := a.options
	return api.Options{
		Budget: a.budget, MaxBody: o.maxBody, MaxBatch: o.maxBatch, MaxStream: o.maxStream, MaxRow: o.maxRow, MaxColumns: o.maxColumns, Pause: o.readTime,
		Report: a.server.Report, Protocols: o.protocols, Guarded: o.tokens != "", Keep: a.records.keep(), Proxies: a.records.proxies(),
	}
}

// explain adds the pages that say how the API is called.
func (a *answers) explain(calls *api.API, model *core.Model) error {
	pages, err := docs.New(model, docs.Server{
		Example: api.Example(model.Schema()), Recorded: api.Recorded(a.records != nil), Guarded: a.options.tokens != "", Speaks: a.options.protocols,
	})
	if err != nil {
		return err
	}
	for path, page := range pages {
		calls.Paths[path] = api.Read(page.ServeHTTP)
	}
	return nil
}

// reload reads the model again whenever it is told to, until ctx ends.
func (a *answers) reload(ctx context.Context, told <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-told:
		}
		err := a.load()
		if a.counted != nil {
			a.counted.Reloaded(err)
		}
		if err != nil {
			a.log.Error("the model stays as it was", "error", err)
		}
	}
}
