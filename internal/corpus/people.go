package corpus

import (
	"fmt"
	"slices"
)

var peopleRecipes = []recipe{
	{KindMarketplace, 18, (*builder).marketplace},
	{KindGift, 18, (*builder).gift},
	{KindSubscription, 16, (*builder).subscription},
	{KindB2B, 16, (*builder).business},
	{KindTest, 8, (*builder).trial},
	{KindAddressCorrected, 16, (*builder).addressCorrected},
	{KindAddressLater, 14, (*builder).addressLater},
}

// finish sends an order the happy way.
func (o *purchase) finish() {
	o.send().run(o.leave, o.arrive)
}

func (s *builder) marketplace() {
	o := s.order(s.destination())
	o.Channel, o.tags = ChannelMarketplace, []string{"marketplace"}
	o.place().finish()
}

// gift goes to another person than the buyer.
func (s *builder) gift() {
	o := s.order(s.home.code)
	first, last := pick(s, o.to.first...), pick(s, o.to.last...)
	friend := Recipient{Role: RoleGiftRecipient, Name: first + " " + last, FirstName: first}
	if o.Source == SourceAPI {
		friend.Email = fmt.Sprintf("friend-%d@shopper.example", s.index)
	}
	o.Recipients = append(o.Recipients, friend)
	o.Destinations[0].Name = friend.Name
	o.place().finish()
}

// subscription is the same order each month.
func (s *builder) subscription() {
	var first *purchase
	for i := range 3 {
		o := s.order(s.home.code)
		o.Channel, o.tags = ChannelSubscription, []string{"subscription"}
		if i > 0 {
			o.Recipients, o.Destinations = slices.Clone(first.Recipients), slices.Clone(first.Destinations)
			o.Lines, o.prices, o.variants, o.TotalMinor, o.zone = nil, nil, nil, 0, first.zone
			for k, line := range first.Lines {
				o.addLine(line.Name, first.variants[k], goodsPrice(line.Name), line.Quantity, line.Method)
			}
		} else {
			first = o
		}
		o.place().finish()
		s.start = s.start.AddDate(0, 0, 28+s.between(0, 3))
	}
}

func goodsPrice(name string) int64 {
	for _, good := range goods {
		if good.name == name {
			return good.price
		}
	}
	return 0
}

// business is ordered by a company's buyer for several people, with purchase order numbers.
func (s *builder) business() {
	s.platform = SourceAPI
	o := s.order(s.home.code)
	o.Channel = ChannelB2B
	o.Recipients[0].PONumber = "PO-" + s.digits(5)
	for i := range s.between(1, 2) {
		first, last := pick(s, o.to.first...), pick(s, o.to.last...)
		o.Recipients = append(o.Recipients, Recipient{
			Role: RoleCopied, Name: first + " " + last, FirstName: first, Email: fmt.Sprintf("colleague-%d-%d@company.example", s.index, i),
			PONumber: o.Recipients[0].PONumber,
		})
	}
	o.place().finish()
}

// trial is an order that the merchant places to try the shop.
func (s *builder) trial() {
	o := s.order(s.home.code)
	o.Test = true
	o.place().finish()
}

// addressCorrected goes to another street or town than was written first.
func (s *builder) addressCorrected() {
	o := s.order(s.home.code).place()
	at := o.PlacedAt.Add(s.minutes(3, 15))
	corrected := o.Destinations[0]
	town := pick(s, o.to.towns...)
	corrected.Street, corrected.Postcode, corrected.City, corrected.Region = town.street+"a", town.postcode, town.city, town.region
	corrected.Zone = town.zoneIn(o.to)
	o.zone = corrected.Zone
	corrected.HeardAt = o.notify(at, "orders/updated")
	o.Destinations = append(o.Destinations, corrected)
	o.finish()
}

// addressLater is an order of which the first webhook has no mail address.
func (s *builder) addressLater() {
	o := s.order(s.destination()).place()
	o.AddressHeardAt = o.notify(o.PlacedAt.Add(s.seconds(50, 900)), "orders/updated")
	o.finish()
}
