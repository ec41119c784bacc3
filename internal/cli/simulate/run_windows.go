package simulate

import (
	"context"
	"errors"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// run cannot work here: the data plane's database needs what only Unix systems have.
func (o *options) run(context.Context, *cmdutil.Env) error {
	if err := o.check(); err != nil {
		return err
	}
	return errors.New("simulate runs the data plane, which needs Linux or macOS: use the Windows Subsystem for Linux")
}
