// Loads a compose file with the profiles given, as `docker compose` does, and prints the services that
// would run and what it has to say about them: `go run . FILE [PROFILE…]`.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	options, err := cli.NewProjectOptions(
		os.Args[1:2],
		cli.WithOsEnv,
		cli.WithProfiles(os.Args[2:]),
		cli.WithInterpolation(true),
	)
	exitOn(err)
	project, err := options.LoadProject(context.Background())
	exitOn(err)
	exitOn(json.NewEncoder(os.Stdout).Encode(project.Services))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
