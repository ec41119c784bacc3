package process

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

type status struct {
	ticks uint64 // when it started, in clock ticks since boot
}

// inspect reads what the kernel knows of a process; a zombie counts as ended.
func inspect(pid int) (status, bool) {
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return status{}, false
	}
	return parseStat(string(content))
}

// parseStat reads /proc/PID/stat. The second field is the program's name in
// parentheses and may itself hold spaces and parentheses.
func parseStat(content string) (status, bool) {
	const state, startTime = 0, 19 // counted after the name
	fields := strings.Fields(content[strings.LastIndexByte(content, ')')+1:])
	if len(fields) <= startTime || fields[state] == "Z" || fields[state] == "X" {
		return status{}, false
	}
	ticks, err := strconv.ParseUint(fields[startTime], 10, 64)
	return status{ticks: ticks}, err == nil
}
