package netpol

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// numbered returns the ports that are given by number in the form of nftables:
// nothing to check if the rule names no port at all.
func numbered(ports []networkingv1.NetworkPolicyPort) []string {
	if len(ports) == 0 {
		return []string{""}
	}
	var matches []string
	for _, port := range ports {
		switch {
		case isNamed(port):
		case port.Port == nil:
			matches = append(matches, "meta l4proto "+protocol(port))
		case port.EndPort != nil:
			matches = append(matches, fmt.Sprintf("%s dport %d-%d", protocol(port), port.Port.IntVal, *port.EndPort))
		default:
			matches = append(matches, portMatch(port, port.Port.IntVal))
		}
	}
	return matches
}

func isNamed(port networkingv1.NetworkPolicyPort) bool {
	return port.Port != nil && port.Port.Type == intstr.String
}

func portMatch(port networkingv1.NetworkPolicyPort, number int32) string {
	return fmt.Sprintf("%s dport %d", protocol(port), number)
}

func protocol(port networkingv1.NetworkPolicyPort) string {
	if port.Protocol == nil {
		return "tcp"
	}
	return strings.ToLower(string(*port.Protocol))
}

// numbersOf returns the numbers that a pod gives to a port name.
func numbersOf(pod *corev1.Pod, port networkingv1.NetworkPolicyPort) []int32 {
	var numbers []int32
	for _, container := range containers(pod) {
		for _, declared := range container.Ports {
			sameProtocol := strings.EqualFold(string(declared.Protocol), protocol(port)) ||
				declared.Protocol == "" && protocol(port) == "tcp"
			if declared.Name == port.Port.StrVal && sameProtocol {
				numbers = append(numbers, declared.ContainerPort)
			}
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// containers includes init containers, because those that restart are sidecars
// that receive traffic too.
func containers(pod *corev1.Pod) []corev1.Container {
	return slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers)
}
