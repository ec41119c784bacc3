package shop

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// sortedRecords keeps the records of one purpose, which their name tells, and sorts them by number.
func sortedRecords(records []corev1.ConfigMap, prefix string) []corev1.ConfigMap {
	kept := slices.DeleteFunc(records, func(cm corev1.ConfigMap) bool { return number(cm, prefix) == 0 || cm.DeletionTimestamp != nil })
	slices.SortFunc(kept, func(a, b corev1.ConfigMap) int { return cmp.Compare(number(a, prefix), number(b, prefix)) })
	return kept
}

// number is what follows the prefix in the name; 0 where that is another purpose.
func number(cm corev1.ConfigMap, prefix string) int {
	digits, ok := strings.CutPrefix(cm.Name, prefix)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 {
		return 0
	}
	return n
}
