package workload

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// Environment variables, for tests and local runs: in a cluster the defaults are right.
const (
	EnvBundle      = "WISMO_BUNDLE"        // path of the bundle, default bundle.DocumentPath
	EnvActivity    = "WISMO_ACTIVITY"      // path of the activity document, default bundle.ActivityPath
	EnvKeys        = "WISMO_KEYS"          // default bundle.KeysDir
	EnvCredentials = "WISMO_CREDENTIALS"   // default bundle.CredentialsDir
	EnvDrain       = "WISMO_DRAIN_SECONDS" // see Options.Drain
)

// defaultDrain lets every proxy of the cluster stop sending requests before the pod stops answering them.
const defaultDrain = 5 * time.Second

// maxDrain keeps drain and shutdown within the usual grace period of 30 s.
const maxDrain = 20 * time.Second

// ErrDone is returned when the arguments asked for help or the version, which was printed: exit with 0.
var ErrDone = errors.New("done")

// Options are the start options of a workload.
type Options struct {
	Data           string        // directory of the Shop's volume
	Listen         string        // address of the public server; unused by the notifier
	InternalListen string        // address of the internal server
	BundlePath     string        // see EnvBundle
	ActivityPath   string        // see EnvActivity
	KeysDir        string        // see EnvKeys
	CredentialsDir string        // see EnvCredentials
	Drain          time.Duration // how long to keep serving, unready, after SIGTERM
}

// ParseOptions reads flags and environment. It prints help or the version to out and returns ErrDone when asked to.
func ParseOptions(program, version string, args []string, out io.Writer) (Options, error) {
	o := Options{
		BundlePath:     envOr(EnvBundle, bundle.DocumentPath),
		ActivityPath:   envOr(EnvActivity, bundle.ActivityPath),
		KeysDir:        envOr(EnvKeys, bundle.KeysDir),
		CredentialsDir: envOr(EnvCredentials, bundle.CredentialsDir),
	}
	flags := flag.NewFlagSet(program, flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.Data, "data", bundle.DataDir, "directory of the database")
	flags.StringVar(&o.Listen, "listen", fmt.Sprintf(":%d", bundle.PagePort), "address that serves the public page and the webhook endpoints")
	flags.StringVar(&o.InternalListen, "internal-listen", fmt.Sprintf(":%d", bundle.InternalPort), "address that serves /healthz, /readyz, /metrics and /report")
	showVersion := flags.Bool("version", false, "print the version and exit")
	flags.Usage = func() { usage(flags, program) }
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return o, ErrDone
	case err != nil:
		return o, fmt.Errorf("reading the flags: %w", err)
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: use flags only, see --help", flags.Arg(0))
	}
	if *showVersion {
		_, err := fmt.Fprintln(out, program, version)
		return o, errors.Join(ErrDone, err)
	}
	var err error
	o.Drain, err = drainFromEnv()
	return o, err
}

func usage(flags *flag.FlagSet, program string) {
	out := flags.Output()
	_, _ = fmt.Fprintf(out, `Usage: %[1]s [flags]

Example, outside a cluster:
  WISMO_BUNDLE=./bundle.json.gz WISMO_KEYS=./keys %[1]s --data ./data --listen 127.0.0.1:8080 --internal-listen 127.0.0.1:9090

Environment:
  %[2]s         path of the bundle file (default %[3]s)
  %[10]s       path of the activity file (default %[11]s)
  %[4]s           directory of the generated keys (default %[5]s)
  %[6]s    directory of the mounted credentials (default %[7]s)
  %[8]s  seconds to keep serving, unready, after SIGTERM (default %[9]d)

Flags:
`, program, EnvBundle, bundle.DocumentPath, EnvKeys, bundle.KeysDir, EnvCredentials, bundle.CredentialsDir,
		EnvDrain, int(defaultDrain.Seconds()), EnvActivity, bundle.ActivityPath)
	flags.PrintDefaults()
}

func drainFromEnv() (time.Duration, error) {
	text, ok := os.LookupEnv(EnvDrain)
	if !ok {
		return defaultDrain, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 0 || time.Duration(seconds)*time.Second > maxDrain {
		return 0, fmt.Errorf("%s must be a whole number of seconds from 0 to %d, not %q", EnvDrain, int(maxDrain.Seconds()), text)
	}
	return time.Duration(seconds) * time.Second, nil
}

func envOr(name, fallback string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return fallback
}
