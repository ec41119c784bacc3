// Package activity is kubectl wismo suspend, rehearse and resume: they stop, redirect and continue the messages of Shops. The commands
// annotate the Shops, and tell their pods directly, so that messages also stop while the operator is down.
package activity
