package page

import "github.com/wismo-dev/wismo/internal/message"

func languages() []string { return message.BuiltinLocales() }
