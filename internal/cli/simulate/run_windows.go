package simulate

import (
	"context"
	"errors"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// run always fails: the data plane's database needs functions that Windows does not have.
func (o *options) run(context.Context, *cmdutil.Env) error {
	if err := o.check(); err != nil {
		return err
	}
	return errors.New("simulate needs Linux or macOS; on Windows, use the Windows Subsystem for Linux")
}
