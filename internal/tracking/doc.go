// Package tracking turns what shop systems and carriers report into one order, what the shopper is shown of it, and what the shopper is
// told. It is pure: the same data gives the same result, whatever the order in which it arrives.
//
//		Statement --Merge--> Record --Join--> groups --Assemble--> Order --Project--> Journey --NewsOf--> News
//
//	  - A Statement holds what one webhook states of one order, shipment or tracking number.
//	  - Merge combines the statements of one source about one resource to a Record: the newest value of each field, and logs of scans,
//	    phases and dates, to which entries are only added.
//	  - Join groups the records, of all sources, that belong to one purchase.
//	  - Assemble makes an Order of such a group.
//	  - Project computes the Journey: what is true of an order at one instant, which is what the page shows.
//	  - NewsOf lists the News in it: what a shopper may be told. NextLook returns when time alone can make the next news.
//
// The package must not know the payloads of carriers, databases, HTTP, Kubernetes or the clock: now is a parameter.
package tracking
