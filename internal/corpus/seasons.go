package corpus

import "time"

var calendarRecipes = []recipe{
	{KindClockChange, 14, (*builder).clockChange},
	{KindHoliday, 22, (*builder).holiday},
	{KindWeekend, 14, (*builder).weekend},
	{KindOtherChannel, 6, (*builder).sameNumberOtherShop},
}

// changeDays are the Sundays on which clocks change, in Europe and in the United States.
var changeDays = map[bool][]date{
	false: {on(2026, time.March, 29), on(2026, time.October, 25)},
	true:  {on(2026, time.March, 8), on(2026, time.November, 1)},
}

// clockChange is under way in the night in which clocks change, and is scanned in the hour that is there twice or never.
func (s *builder) clockChange() {
	sunday := pick(s, changeDays[s.home.code == "US"]...)
	s.start = sunday.AddDate(0, 0, -3)
	o := s.order(s.home.code).place()
	o.leave, o.arrive = workday(sunday.AddDate(0, 0, -2), 0, o.to.code), roundDay(sunday.AddDate(0, 0, 1), 0, o.to.code)
	p := o.send().reportedBy(reporterAPI, reporterEasyPost, reporterHooks, reporterSubscribe)
	p.handOver(o.leave, o.arrive)
	p.scan(Step{State: StateInTransit, At: clock(sunday, p.zone, s.between(60, 4*60)), Place: pick(s, o.to.hubs...)})
	p.out(o.arrive)
	p.deliver(o.arrive)
}

// holiday is ordered just before a public holiday of its country.
func (s *builder) holiday() {
	day := s.start
	for !isHoliday(day, s.home.code) || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	s.start = day.AddDate(0, 0, -s.between(1, 3))
	o := s.order(s.home.code).place()
	o.finish()
}

// weekend is ordered on a Friday evening or a Saturday.
func (s *builder) weekend() {
	for s.start.Weekday() != time.Friday && s.start.Weekday() != time.Saturday {
		s.start = s.start.AddDate(0, 0, 1)
	}
	o := s.order(s.home.code).place()
	o.finish()
}
